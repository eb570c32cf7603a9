import { useTranslation } from 'react-i18next';
import type { Offer } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';

/** An offer by its kind's own word; the engine's own acts by ours. */
export function useActName(): (offer: Pick<Offer, 'do' | 'label'>) => string {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  return (offer) => (offer.label ? label(offer.label) : t(`do.${offer.do}`));
}

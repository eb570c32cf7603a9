import { useTranslation } from 'react-i18next';
import type { Offer, TicketPage } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';

/** An offer by its kind's own word; the engine's own acts by ours. Of what is supervised already, supervision ends. */
export function useActName(
  of?: Pick<TicketPage, 'supervised' | 'tasks'>,
): (offer: Pick<Offer, 'do' | 'label'> & Partial<Pick<Offer, 'task'>>) => string {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const label = useLabel();
  return (offer) => {
    if (offer.label) return label(offer.label);
    const theirs = offer.do === 'takeOver' ? of?.tasks.find(({ id }) => id === offer.task) : undefined;
    if (theirs) return t('ticketDesk:takeOverFrom', { name: theirs.heldBy?.name ?? theirs.party.name });
    return offer.do === 'supervise' && of?.supervised ? t('ticketDesk:lift') : t(`do.${offer.do}`);
  };
}

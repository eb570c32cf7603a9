import type { TicketStep } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';
import { useOptions } from './use-options.js';

/** Ways that always find somebody, or wait until somebody is chosen. */
const sure: readonly string[] = ['office', 'initiator', 'actor', 'chosen'];

/** What becomes of tickets that a step has nobody for. */
export function Nobody({ who }: Pick<TicketStep, 'who'>) {
  const { t } = useTranslation('ticketKinds');
  const { fallback } = useOptions();
  const ways = who.flatMap(({ to }) => to.map(({ kind }) => kind));
  const isCovered = who.some(({ when }) => when === undefined) && ways.every((kind) => sure.includes(kind));
  if (who.length === 0 || isCovered) return null;
  const office = fallback === undefined ? t('party.fallback') : t('party.fallbackNamed', { name: fallback });
  return (
    <p className="tk-hint">
      {ways.includes('placeOffice') ? `${t('party.noPlace')} ` : ''}
      {t('party.nobody', { office })}
    </p>
  );
}

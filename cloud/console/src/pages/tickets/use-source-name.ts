import { type TicketSource, ticketSources } from '@hallhub/shared/ticket';
import { useTranslation } from 'react-i18next';

const isKnown = (source: string): source is TicketSource => (ticketSources as readonly string[]).includes(source);

/** Where a ticket came from, in the reader's words. */
export function useSourceName(): (source: string) => string {
  const { t } = useTranslation('tickets');
  return (source) => (isKnown(source) ? t(`source.${source}`) : source);
}

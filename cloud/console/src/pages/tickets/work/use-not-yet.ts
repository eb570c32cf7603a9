import { useTranslation } from 'react-i18next';
import type { Offer, TicketPage } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { notYet } from './not-yet.js';
import { useActName } from './use-act-name.js';

/** Why acts would be refused as the form stands, in the reader's words; `first`: what is to be filled in before them. */
export function useNotYet(page: TicketPage, offers: readonly Offer[], valueIn: (key: string) => unknown) {
  const { t } = useTranslation(['ticketDesk', 'tickets']);
  const label = useLabel();
  const name = useActName(page);
  const nameOf = (key: string) => label(page.document.fields.find((field) => field.key === key)?.label);
  const why = new Map<Offer, string>();
  const waiting = new Map<string, string[]>();
  for (const offer of offers) {
    const not = notYet(page, offer, valueIn);
    if (!not) continue;
    const fields = not.fields.map(nameOf).join(t('tickets:and'));
    why.set(offer, t(not.isEmpty ? 'notYet.empty' : 'notYet.otherwise', { fields }));
    if (not.isEmpty) waiting.set(fields, [...(waiting.get(fields) ?? []), name(offer)]);
  }
  const told = [...waiting].map(([fields, acts]) => t('notYet.first', { fields, acts: acts.join(t('notYet.or')) }));
  return { why, first: told.length > 0 ? told.join(' ') : undefined };
}

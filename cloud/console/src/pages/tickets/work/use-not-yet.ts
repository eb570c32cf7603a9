import { useTranslation } from 'react-i18next';
import type { Offer, TicketPage } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';
import { notYet } from './not-yet.js';
import { useActName } from './use-act-name.js';

/** Why acts would be refused as the form stands, in the reader's words; `first`: what is to be filled in before them; `other`: of those that do not go with what is. */
export function useNotYet(page: TicketPage, offers: readonly Offer[], valueIn: (key: string) => unknown) {
  const { t } = useTranslation(['ticketDesk', 'tickets']);
  const label = useLabel();
  const name = useActName(page);
  const nameOf = (key: string) => label(page.document.fields.find((field) => field.key === key)?.label);
  const why = new Map<Offer, string>();
  const [waiting, unfit] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const offer of offers) {
    const not = notYet(page, offer, valueIn);
    if (!not) continue;
    const fields = not.fields.map(nameOf).join(t('tickets:and'));
    why.set(offer, t(not.isEmpty ? 'notYet.empty' : 'notYet.otherwise', { fields }));
    const of = not.isEmpty ? waiting : unfit;
    of.set(fields, [...(of.get(fields) ?? []), name(offer)]);
  }
  const tell = (key: 'first' | 'unfit', of: ReadonlyMap<string, readonly string[]>): string | undefined =>
    of.size === 0
      ? undefined
      : [...of].map(([fields, acts]) => t(`notYet.${key}`, { fields, acts: acts.join(t('notYet.or')) })).join(' ');
  return { why, first: tell('first', waiting), other: tell('unfit', unfit) };
}

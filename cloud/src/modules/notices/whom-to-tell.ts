import { liveTasks, type Party, type PartyRule, type TicketEvent, type TicketNotice } from '@hallhub/shared/ticket';
import type { PartyBook } from '../offices/party-book.js';
import { dispatchQuestion } from '../tickets/store/dispatch-question.js';
import type { TicketLines } from '../tickets/ticket-hooks.js';

export type Told = Pick<TicketLines, 'ticket' | 'kind'> & { readonly state: TicketLines['after'] };

/** Is this line of history what the notice waits for? */
export const isAbout = ({ on }: TicketNotice, event: TicketEvent): boolean => {
  switch (on.on) {
    case 'entered':
      return event.type === 'entered' && event.step === on.step;
    case 'action':
      return (event.type === 'finished' || event.type === 'returned') && event.action === on.action;
    case 'warning':
    case 'breach':
      return false;
    case 'extended':
      return event.type === 'extension_decided' && event.granted;
    default:
      return event.type === on.on;
  }
};

/** An office’s notice reaches so many of its people, leaders first. */
const mostOfOffice = 50;

/** Whose turn it is: whoever took the task, else all whom it is for. */
export const holdersOf = ({ state }: Told): readonly Party[] =>
  liveTasks(state).map(({ party, heldBy }): Party => (heldBy ? { kind: 'person', id: heldBy } : party));

/** Ids of people, each once. A rule that finds nobody (whoever handled it before anybody did) means whose turn it is. */
export const peopleToTell = (
  book: PartyBook,
  told: Told,
  rules: readonly (PartyRule | Party | { readonly kind: 'holders' })[],
  actor: string,
): string[] => {
  const { ticket, kind, state } = told;
  const question = dispatchQuestion({ kind, state, actor, where: ticket });
  const parties = rules.flatMap((rule): readonly Party[] => {
    if ('id' in rule) return [rule];
    if (rule.kind === 'holders') return holdersOf(told);
    const found = book.parties(rule, question);
    return found.length > 0 ? found : holdersOf(told);
  });
  return [...new Set(parties.flatMap((party) => book.peopleOf(party).slice(0, mostOfOffice)))];
};

import type { BeginRule } from '../kind/begin-schema.js';
import type { TicketKind } from '../kind/kind-schema.js';
import { applyEvent } from './apply-event.js';
import { type DecideContext, type Decided, lines, type NewLine, type Refused, refuse } from './decide-context.js';
import type { TicketCommand, TicketNews } from './ticket-command.js';
import type { TicketEvent } from './ticket-event.js';
import type { BegunTicket, TicketState } from './ticket-state.js';

/** Of one ticket, however often it goes round. */
export const mostBegun = 50;

const begunOf = (state: TicketState, rule: string): readonly BegunTicket[] =>
  (state.begun ?? []).filter((one) => one.rule === rule);
const isPending = ({ state }: BegunTicket): boolean => state === 'wanted' || state === 'failed' || state === 'open';

/** Where an action was done that took the ticket on: the line after tells that it did. */
const hasHappened = ({ on }: BeginRule, before: TicketState, told: readonly NewLine[]): boolean => {
  if (on.on === 'entered') return told.some((line) => line.type === 'entered' && line.step === on.step);
  if (before.step !== on.step) return false;
  return told.some(
    (line, i) =>
      (line.type === 'returned' && line.action === on.action) ||
      (line.type === 'finished' && line.action === on.action && told[i + 1]?.type === 'entered'),
  );
};

const mayAgain = ({ id, again }: BeginRule, state: TicketState): boolean => {
  const earlier = begunOf(state, id).filter((one) => one.state !== 'dropped');
  if (again === 'never') return earlier.length === 0;
  return again === 'always' || !earlier.some(isPending);
};

/** An act’s lines, and what is to begin by it: each rule once at most, after all that the act did. */
export const withBegins = (context: DecideContext, before: TicketState, decided: Decided): Decided => {
  const { kind, at, actor } = context;
  const called = kind.begins.filter((rule) => hasHappened(rule, before, decided.lines));
  if (called.length === 0) return decided;
  const after = decided.lines.reduce<TicketState>(
    (state, line) => applyEvent(state, { ...line, seq: state.seq + 1, at, by: actor.userId } as TicketEvent),
    before,
  );
  const wanted = called
    .filter((rule) => (rule.when === undefined || context.holds(rule.when, after)) && mayAgain(rule, after))
    .map(({ id }): NewLine => ({ type: 'begin_wanted', rule: id, by: 'system' }));
  return wanted.length === 0 ? decided : lines(...decided.lines, ...wanted);
};

/** How many tickets keep an action of a step waiting: begun by a rule that says so, or still to begin. */
export const heldUp = ({ begins }: Pick<TicketKind, 'begins'>, state: TicketState, of: Held): number =>
  begins
    .filter(({ holds }) => holds.some(({ step, action }) => step === of.step && action === of.action))
    .reduce((count, { id }) => count + begunOf(state, id).filter(isPending).length, 0);
interface Held {
  readonly step: string;
  readonly action: string;
}

/** Whoever had to do with the ticket, or looks after all of them. */
const isTheirs = ({ actor }: DecideContext, state: TicketState): boolean => {
  const mine = [actor.userId, ...actor.offices, ...actor.standsInFor];
  return (
    actor.mayIntervene ||
    actor.maySupervise ||
    state.tasks.some(({ party, heldBy }) => mine.includes(party.id) || (heldBy !== undefined && mine.includes(heldBy)))
  );
};

/** Tries once more what could not begin, or lets it be. */
export const decideBegin = (
  context: DecideContext,
  state: TicketState,
  command: Extract<TicketCommand, { do: 'begin' | 'dropBegin' }>,
): Decided | Refused => {
  const one = state.begun?.find(({ of }) => of === command.of);
  if (one?.state !== 'failed') return refuse('not_now', { of: command.of });
  if (!isTheirs(context, state)) return refuse('not_yours');
  const { of, rule } = one;
  const { opinion } = command;
  if (command.do === 'dropBegin') return lines({ type: 'begin_dropped', of, rule, opinion });
  if (!context.kind.begins.some(({ id }) => id === rule)) return refuse('not_offered', { act: 'begin' });
  return lines({ type: 'begin_wanted', of, rule, opinion });
};

type BeginNews = Extract<TicketNews, { do: 'begun' | 'beginFailed' | 'begunBy' }>;

/** What came of it. */
export const decideBeginNews = (state: TicketState, news: BeginNews): Decided | Refused => {
  if (news.do === 'begunBy') return lines({ type: 'begun_by', ticket: news.ticket });
  const one = state.begun?.find(({ of }) => of === news.of);
  if (one?.state !== 'wanted') return refuse('not_now', { of: news.of });
  const { of, rule } = one;
  return news.do === 'begun'
    ? lines({ type: 'begun', of, rule, ticket: news.ticket, how: news.how })
    : lines({ type: 'begin_failed', of, rule, why: news.why, about: news.about });
};

/** The end of a begun ticket, or its going on again; undefined where this one did not begin it. */
export const decideBegunNews = (
  state: TicketState,
  news: Extract<TicketNews, { do: 'childMade' | 'childEnded' }>,
): Decided | Refused | undefined => {
  const one = state.begun?.find(({ ticket }) => ticket === news.ticket);
  if (!one) return undefined;
  if (news.do === 'childMade') {
    return one.state === 'over' ? lines({ type: 'begun_reopened', ticket: news.ticket }) : refuse('not_now');
  }
  const outcome = news.outcome ?? 'closed';
  return one.state === 'open' ? lines({ type: 'begun_ended', ticket: news.ticket, outcome }) : refuse('not_now');
};

import type { SuperviseRule } from '../kind/kind-schema.js';
import { applyEvent } from './apply-event.js';
import { type DecideContext, type Decided, lines, type NewLine } from './decide-context.js';
import type { TicketEvent } from './ticket-event.js';
import type { TicketState } from './ticket-state.js';

type Rules = Pick<DecideContext, 'kind' | 'holds'>;

/** What a clock came to. */
export interface ClockTrigger {
  readonly clock: string;
  readonly what: 'warned' | 'breached' | 'escalated';
  /** Place among the clock’s escalations. */
  readonly place: number;
}

/** The first rule that speaks: a ticket is under supervision or not, however many reasons there are. */
const supervised = (
  { kind, holds }: Rules,
  state: TicketState,
  speaks: (rule: SuperviseRule) => boolean,
): NewLine[] => {
  if (state.supervised || state.status === 'ended') return [];
  const rule = kind.supervise.find((one) => speaks(one) && (one.when === undefined || holds(one.when, state)));
  return rule ? [{ type: 'supervised', on: true, rule: rule.id, opinion: rule.label.zh, by: 'system' }] : [];
};

const isOfClock = ({ on }: SuperviseRule, { clock, what, place }: ClockTrigger): boolean =>
  (on.on === 'breach' && what === 'breached' && on.clock === clock) ||
  (on.on === 'escalated' && what === 'escalated' && on.clock === clock && (on.place ?? place) === place);

/** Whether a rule may speak of these at all: cheap, before conditions are asked. */
export const mayCallSupervision = (kind: Rules['kind'], state: TicketState, notes: readonly ClockTrigger[]): boolean =>
  !state.supervised &&
  state.status !== 'ended' &&
  kind.supervise.some((rule) => notes.some((note) => isOfClock(rule, note)));

/** What clocks make of a ticket. Ask once for each note: whoever keeps notes knows which are new. */
export const superviseByClocks = (rules: Rules, state: TicketState, notes: readonly ClockTrigger[]): Decided =>
  lines(...supervised(rules, state, (rule) => notes.some((note) => isOfClock(rule, note))));

/** An act’s lines, and the supervision that they call for: by the act alone that makes it so many times, never again. */
export const withSupervision = (context: DecideContext, before: TicketState, decided: Decided): Decided => {
  const counts = decided.lines.some(
    (line) => line.type === 'returned' || line.type === 'reopened' || (line.type === 'finished' && line.redo),
  );
  if (!counts || context.kind.supervise.length === 0) return decided;
  const { at, actor } = context;
  const after = decided.lines.reduce<TicketState>(
    (state, line) => applyEvent(state, { ...line, seq: state.seq + 1, at, by: actor.userId } as TicketEvent),
    before,
  );
  const more = supervised(
    context,
    after,
    ({ on }) => (on.on === 'returned' || on.on === 'reopened') && before[on.on] < on.times && after[on.on] >= on.times,
  );
  return more.length === 0 ? decided : lines(...decided.lines, ...more);
};

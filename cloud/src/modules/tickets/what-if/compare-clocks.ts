import {
  type ClockRun,
  explainClock,
  runChange,
  type TicketEvent,
  type TicketKind,
  type TicketState,
  ticketConditions,
} from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Calendars } from '../../calendars/calendar-book.js';
import { type ClockTicket, loadClockTickets } from '../store/clock-tickets.js';
import type { LoadedTicket } from '../store/load-ticket.js';
import { scopeOf } from '../store/ticket-world.js';
import type { ClocksWhatIf, WhatIfItem } from './contract.js';
import { type Cause, Refusals } from './refusals.js';

const batch = 200;
const mostItems = 100;

/** A ticket by which its clocks are computed twice: as it is, and as it would be. */
export interface ClockSide {
  readonly kind: TicketKind;
  readonly state: TicketState;
  readonly events: readonly TicketEvent[];
  readonly calendars: Calendars;
}

export interface Comparison {
  /** Of tickets that go on; soonest due first. */
  readonly ticketIds: readonly string[];
  /** Which of a ticket's clocks it is about. */
  readonly concerns: (run: ClockRun) => boolean;
  readonly before: Calendars;
  /** Or all that keeps it from going on so. */
  readonly after: (of: ClockTicket) => ClockSide | { readonly causes: readonly Cause[] };
  /** Of all that is compared; beyond it the answer says that it is cut. */
  readonly mostMs: number;
}

/** Computes both sides by the very functions that the sweep computes with; writes nothing. */
export const compareClocks = async (
  tx: Tx,
  ctx: VerbContext,
  { ticketIds, concerns, before, after, mostMs }: Comparison,
): Promise<WhatIfReport> => {
  const at = ctx.clock.now();
  const report = new WhatIfReport(at);
  const until = performance.now() + mostMs;
  for (let i = 0; i < ticketIds.length; i += batch) {
    if (performance.now() > until) {
      report.isCut = true;
      break;
    }
    const { tickets, failed } = await loadClockTickets(tx, ctx, ticketIds.slice(i, i + batch));
    const seenOf = ({ id, number, ...of }: LoadedTicket) =>
      ctx.actor.can('ticket.read', scopeOf(of)) ? { id, number } : undefined;
    for (const { ticket } of failed) report.refusals.note([{ code: 'unreadable' }], seenOf(ticket));
    for (const one of tickets) {
      const { from, state, events, ticket } = one;
      const seen = seenOf(ticket);
      // A kind or a value that does not read is the sweep's to tell of; here it is counted.
      const now = unlessBroken(() => runsOf(one, { kind: from.kind, state, events, calendars: before }, at));
      const side = now && unlessBroken(() => after(one));
      if (!now) report.refusals.note([{ code: 'unreadable' }], seen);
      else if (side && 'causes' in side) report.refusals.note(side.causes, seen);
      else {
        const then = side && unlessBroken(() => runsOf(one, side, at));
        if (then) report.note(one, { before: now, after: then }, { concerns, isSeen: seen !== undefined });
        else report.refusals.note([{ code: 'not_computed' }], seen);
      }
    }
  }
  return report;
};

const unlessBroken = <T>(work: () => T): T | undefined => {
  try {
    return work();
  } catch {
    return undefined;
  }
};

interface NumberedRun extends ClockRun {
  readonly run: number;
}

const runsOf = (
  { ticket }: ClockTicket,
  { kind, state, events, calendars }: ClockSide,
  at: number,
): Map<string, NumberedRun> => {
  const facts = { region: ticket.regionCode, hall: ticket.hallCode, at };
  const runs = kind.clocks.flatMap((clock) =>
    explainClock(clock, events, {
      ...{ now: at, calendar: calendars },
      targetOf: (one) => ticketConditions(kind).targetOf(one, state, facts),
      fields: state.fields,
    }).map((run, i) => ({ ...run, run: i + 1 })),
  );
  return new Map(runs.filter(({ endedAt }) => endedAt === undefined).map((run) => [`${run.clock} ${run.run}`, run]));
};

const side = (run: NumberedRun | undefined): WhatIfItem['before'] =>
  run === undefined
    ? null
    : { dueAt: run.dueAt === undefined ? null : new Date(run.dueAt).toISOString(), light: run.light };

/** Counts what moves, and keeps what a person wants to look at first. */
export class WhatIfReport {
  isCut = false;
  readonly refusals = new Refusals();
  #looked = 0;
  #breaks = 0;
  #saved = 0;
  #tickets = 0;
  readonly #moved = { earlier: 0, later: 0, never: 0, again: 0 };
  #items: WhatIfItem[] = [];

  constructor(private readonly at: number) {}

  note(
    { ticket, from }: ClockTicket,
    runs: { readonly before: ReadonlyMap<string, NumberedRun>; readonly after: ReadonlyMap<string, NumberedRun> },
    { concerns, isSeen }: { readonly concerns: (run: ClockRun) => boolean; readonly isSeen: boolean },
  ): void {
    let touches = false;
    for (const key of new Set([...runs.before.keys(), ...runs.after.keys()])) {
      const [before, after] = [runs.before.get(key), runs.after.get(key)];
      const run = before ?? after;
      if (!run || ![before, after].some((one) => one && concerns(one))) continue;
      this.#looked += 1;
      const change = runChange(before, after);
      if (change.move !== 'stays') this.#moved[change.move] += 1;
      if (change.breaks) this.#breaks += 1;
      if (change.saved) this.#saved += 1;
      if (change.move === 'stays' && !change.breaks && !change.saved) continue;
      touches = true;
      if (!isSeen) continue;
      const clock = from.kind.clocks.find(({ id }) => id === run.clock);
      this.#items.push({
        ticket: { id: ticket.id, number: ticket.number, title: ticket.title },
        ...{ clock: run.clock, run: run.run, label: clock?.label ?? { zh: run.clock } },
        ...{ requesters: clock?.requesters ?? false, before: side(before), after: side(after), ...change },
      });
    }
    if (touches) this.#tickets += 1;
    if (this.#items.length > 4 * mostItems) this.#items = firstOf(this.#items);
  }

  /** `same`: clocks that need no computing, as nothing that they ask for is otherwise. */
  answer({ clocks, same }: { readonly clocks: number; readonly same: number }): ClocksWhatIf {
    return {
      ...{ at: new Date(this.at).toISOString(), clocks, looked: Math.min(clocks, this.#looked + same) },
      ...{
        isCut: this.isCut,
        tickets: this.#tickets,
        moved: this.#moved,
        breaks: this.#breaks,
        saved: this.#saved,
        ...this.refusals.answer(),
      },
      items: firstOf(this.#items),
    };
  }
}

const firstOf = (items: readonly WhatIfItem[]): WhatIfItem[] => {
  const due = ({ before, after }: WhatIfItem) => after?.dueAt ?? before?.dueAt ?? '9';
  return [...items]
    .sort((a, b) => Number(b.breaks) - Number(a.breaks) || (due(a) < due(b) ? -1 : due(a) > due(b) ? 1 : 0))
    .slice(0, mostItems);
};

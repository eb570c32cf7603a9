import {
  type ExplainedRun,
  explainClock,
  type TicketClock,
  type TicketEvent,
  type TicketState,
} from '@hallhub/shared/ticket';
import { type Tx, together } from '../../../db/index.js';
import type { TicketWorld } from './ticket-world.js';

/** One run of one clock, numbered from 1. */
export interface KeptRun extends ExplainedRun {
  readonly run: number;
  readonly definition: TicketClock;
  /** Done late, or late by now. */
  readonly isBroken: boolean;
}

export type ClockWorld = Pick<TicketWorld, 'kind' | 'at' | 'calendars' | 'targetOf'>;

/** All runs of a ticket's clocks, as of the world's instant. Of `events` the whole history; `state` with its fields open. */
export const runsOf = (world: ClockWorld, events: readonly TicketEvent[], state: TicketState): KeptRun[] =>
  world.kind.clocks.flatMap((definition) =>
    explainClock(definition, events, {
      now: world.at,
      calendar: world.calendars,
      targetOf: (clock) => world.targetOf(clock, state),
      fields: state.fields,
    }).map((run, i) => ({ ...run, run: i + 1, definition, isBroken: run.light === 'red' })),
  );

export interface ClockPoint {
  readonly clock: string;
  readonly run: number;
  readonly what: 'warned' | 'breached' | 'escalated';
  readonly place: number;
  readonly promisedMs: number;
  readonly at: number;
}

/** When the run has used so much of its time, in the past or to come; undefined: never, as things stand. */
const whenUsed = (run: KeptRun, ms: number, world: ClockWorld): number | undefined => {
  if (ms <= 0) return run.beganAt;
  let left = ms;
  for (const { from, to, runs } of run.stretches) {
    if (!runs) continue;
    if (to - from >= left) return from + left;
    left -= to - from;
  }
  if (run.isPaused || run.endedAt !== undefined) return undefined;
  return world.calendars(run.calendar).after(Math.max(world.at, run.beganAt), ms - run.usedMs);
};

/** What is to be noted of a run, and when. */
export const pointsOf = (run: KeptRun, world: ClockWorld): ClockPoint[] => {
  const { clock, promisedMs, definition } = run;
  // Ended in its last millisecond it was in time.
  const isInTime = run.endedAt !== undefined && !run.isBroken;
  const at = (what: ClockPoint['what'], place: number, when: number | undefined): ClockPoint[] =>
    when === undefined ? [] : [{ clock, run: run.run, what, place, promisedMs, at: when }];
  return [
    ...at('warned', 0, run.warnAt),
    ...at('breached', 0, isInTime ? undefined : (run.breachedAt ?? run.dueAt)),
    ...definition.escalations.flatMap(({ afterMinutes }, i) =>
      isInTime && afterMinutes >= 0 ? [] : at('escalated', i, whenUsed(run, promisedMs + afterMinutes * 60_000, world)),
    ),
  ];
};

/** What a list shows of a ticket's clocks: of those that run, and once it has ended, whether any promise was broken. */
export interface TicketLights {
  readonly dueAt: number | null;
  readonly yellowAt: number | null;
  readonly redAt: number | null;
  /** Any clock began: without one nothing was kept, and nothing was broken. */
  readonly promised: boolean;
}

const soonest = (instants: readonly (number | undefined)[]): number | null => {
  const known = instants.filter((one) => one !== undefined);
  return known.length === 0 ? null : Math.min(...known);
};

export const lightsOf = (runs: readonly KeptRun[], { status }: Pick<TicketState, 'status'>): TicketLights => {
  const promised = runs.length > 0;
  if (status === 'ended') {
    const broken = runs.filter(({ isBroken }) => isBroken);
    return { dueAt: null, yellowAt: null, redAt: soonest(broken.map((one) => one.breachedAt ?? one.dueAt)), promised };
  }
  const live = runs.filter(({ endedAt }) => endedAt === undefined);
  return {
    dueAt: soonest(live.map(({ dueAt }) => dueAt)),
    yellowAt: soonest(live.map(({ warnAt }) => warnAt)),
    redAt: soonest(live.map(({ breachedAt, dueAt }) => breachedAt ?? dueAt)),
    promised,
  };
};

const instant = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());

export interface ClockRows {
  readonly ticketId: string;
  readonly runs: readonly object[];
  readonly points: readonly object[];
}

/** Runs and what is to be noted of them as they are stored. */
export const clockRowsOf = (ticketId: string, runs: readonly KeptRun[], points: readonly ClockPoint[]): ClockRows => ({
  ticketId,
  runs: runs.map((run) => ({
    ...{ ticket_id: ticketId, clock: run.clock, run: run.run, purpose: run.definition.purpose },
    ...{ requesters: run.definition.requesters, calendar: run.calendar },
    ...{ began_at: instant(run.beganAt), ended_at: instant(run.endedAt) },
    ...{ due_at: instant(run.dueAt), warn_at: instant(run.warnAt), red_at: instant(redAt(run)) },
    ...{ promised_ms: run.promisedMs, extended_ms: run.extendedMs, used_ms: run.usedMs },
    ...{ is_paused: run.isPaused, is_broken: run.isBroken && run.endedAt !== undefined },
  })),
  points: points.map((one) => ({
    ...{ ticket_id: ticketId, clock: one.clock, run: one.run, what: one.what, place: one.place },
    ...{ promised_ms: one.promisedMs, at: instant(one.at) },
  })),
});

/** Replaces what was computed before of these tickets. What has been noted stays noted. */
export const saveClockRows = async (tx: Tx, tenantId: string, all: readonly ClockRows[]): Promise<void> => {
  const ids = all.map(({ ticketId }) => ticketId);
  const queries = [
    tx.$client.query(
      `WITH new AS (SELECT * FROM jsonb_to_recordset($3::jsonb) AS x(ticket_id uuid, clock text, run int, purpose text, requesters boolean,
         calendar text, began_at timestamptz, ended_at timestamptz, due_at timestamptz, warn_at timestamptz, red_at timestamptz,
         promised_ms bigint, extended_ms bigint, used_ms bigint, is_paused boolean, is_broken boolean)),
       gone AS (DELETE FROM ticket_clocks c WHERE c.tenant_id = $1 AND c.ticket_id = ANY($2::uuid[])
         AND NOT EXISTS (SELECT 1 FROM new WHERE new.ticket_id = c.ticket_id AND new.clock = c.clock AND new.run = c.run))
     INSERT INTO ticket_clocks SELECT $1, new.* FROM new
     ON CONFLICT (tenant_id, ticket_id, clock, run) DO UPDATE SET purpose = excluded.purpose, requesters = excluded.requesters,
       calendar = excluded.calendar, began_at = excluded.began_at, ended_at = excluded.ended_at, due_at = excluded.due_at,
       warn_at = excluded.warn_at, red_at = excluded.red_at, promised_ms = excluded.promised_ms, extended_ms = excluded.extended_ms,
       used_ms = excluded.used_ms, is_paused = excluded.is_paused, is_broken = excluded.is_broken`,
      [tenantId, ids, JSON.stringify(all.flatMap(({ runs }) => runs))],
    ),
    tx.$client.query(
      'DELETE FROM ticket_clock_events WHERE tenant_id = $1 AND ticket_id = ANY($2::uuid[]) AND noted_at IS NULL',
      [tenantId, ids],
    ),
    tx.$client.query(
      `INSERT INTO ticket_clock_events (tenant_id, ticket_id, clock, run, what, place, promised_ms, at)
     SELECT $1, x.* FROM jsonb_to_recordset($2::jsonb)
       AS x(ticket_id uuid, clock text, run int, what text, place int, promised_ms bigint, at timestamptz)
     ON CONFLICT DO NOTHING`,
      [tenantId, JSON.stringify(all.flatMap(({ points }) => points))],
    ),
  ];
  await together(queries);
};

const redAt = (run: KeptRun): number | undefined =>
  run.endedAt !== undefined && !run.isBroken ? undefined : (run.breachedAt ?? run.dueAt);

import { ticketConditions } from '@hallhub/shared/ticket';
import { afterCommit, type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type Calendars, calendarStamp, loadCalendars } from '../../calendars/calendar-book.js';
import { type Aside, notAside, putAside, takeBack } from '../aside/put-aside.js';
import { lastAt } from '../store/change-ticket.js';
import {
  type ClockRows,
  type ClockWorld,
  clockRowsOf,
  lightsOf,
  pointsOf,
  runsOf,
  saveClockRows,
  type TicketLights,
} from '../store/clock-rows.js';
import { type ClockTicket, loadClockTickets } from '../store/clock-tickets.js';
import { type ClockDeps, eachTenant } from './note-clocks.js';

const batch = 200;
/** Of one round; what is left comes with the next, and what is due is noted in between. */
const mostRoundMs = 30_000;

const instant = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

interface Computed {
  readonly ticket: ClockTicket['ticket'];
  readonly rows: ClockRows;
  readonly lights: TicketLights;
}

const compute = (
  { ticket, events, state, from: { kind } }: ClockTicket,
  of: { readonly calendars: Calendars; readonly now: number },
): Computed => {
  const at = Math.max(of.now, lastAt(state));
  const facts = { region: ticket.regionCode, hall: ticket.hallCode, at };
  const targetOf: ClockWorld['targetOf'] = (clock, now) => ticketConditions(kind).targetOf(clock, now, facts);
  const world: ClockWorld = { kind, at, calendars: of.calendars, targetOf };
  const runs = runsOf(world, events, state);
  const points = runs.flatMap((run) => pointsOf(run, world));
  return { ticket, rows: clockRowsOf(ticket.id, runs, points), lights: lightsOf(runs, state) };
};

/**
 * Tickets that go on and whose clocks were computed by other calendars than there are now. Answers how many were computed anew, or put
 * aside as they cannot be. Goes on with the next round where there are more than fit into one.
 */
export const recomputeAll = async (
  deps: ClockDeps,
  { signal, mostMs = mostRoundMs }: { readonly signal?: AbortSignal; readonly mostMs?: number } = {},
): Promise<number> => {
  const { rows } = await withSystem(deps.database, (tx) => tx.$client.query<{ id: string }>('SELECT id FROM tenants'), {
    readOnly: true,
  });
  const until = performance.now() + mostMs;
  const work = async (ctx: VerbContext) =>
    performance.now() > until ? 0 : withTenant(deps.database, ctx.actor, (tx) => recomputeSome(tx, ctx));
  return eachTenant(
    deps,
    rows.map(({ id }) => id),
    { signal, work },
  );
};

const recomputeSome = async (tx: Tx, ctx: VerbContext): Promise<number> => {
  const { tenantId } = ctx.actor;
  const now = ctx.clock.now();
  const stamp = await calendarStamp(tx, tenantId);
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT t.id FROM tickets t WHERE t.tenant_id = $1 AND t.status <> 'ended' AND (t.clock_stamp < $2 OR t.clock_stamp > $2)
       AND ${notAside('recompute', { ticketId: 't.id', now: '$3' })} LIMIT ${batch} FOR NO KEY UPDATE SKIP LOCKED`,
    [tenantId, stamp, new Date(now)],
  );
  if (rows.length === 0) {
    await forgetMended(tx, tenantId, stamp);
    return 0;
  }
  const calendars = await loadCalendars(tx, tenantId);
  const loaded = await loadClockTickets(
    tx,
    ctx,
    rows.map(({ id }) => id),
  );
  const failed: Aside[] = [...loaded.failed];
  const done: Computed[] = [];
  for (const one of loaded.tickets) {
    try {
      done.push(compute(one, { calendars, now }));
    } catch (error) {
      failed.push({ ticketId: one.ticket.id, error });
    }
  }
  await save(tx, { tenantId, stamp, done });
  await takeBack(tx, tenantId, { work: 'recompute', ticketIds: done.map(({ ticket }) => ticket.id) });
  await putAside(tx, ctx, { work: 'recompute', failed });
  afterCommit(tx, () => {
    for (const { ticket } of done) {
      ctx.live.publish({
        ...{ tenantId, hallId: ticket.hallId, topic: 'tickets', type: 'ticket.changed' },
        data: { ticketId: ticket.id, seq: ticket.seq },
      });
    }
  });
  return rows.length;
};

/** An act on it, or its end, computed what the sweep could not. */
const forgetMended = async (tx: Tx, tenantId: string, stamp: string): Promise<void> => {
  await tx.$client.query(
    `DELETE FROM tickets_aside a USING tickets t WHERE a.tenant_id = $1 AND t.tenant_id = $1 AND t.id = a.ticket_id
       AND (t.status = 'ended' OR (a.work = 'recompute' AND t.clock_stamp = $2) OR (a.work = 'resume' AND t.status <> 'suspended'))`,
    [tenantId, stamp],
  );
};

const save = async (
  tx: Tx,
  { tenantId, stamp, done }: { readonly tenantId: string; readonly stamp: string; readonly done: readonly Computed[] },
): Promise<void> => {
  if (done.length === 0) return;
  await saveClockRows(
    tx,
    tenantId,
    done.map(({ rows }) => rows),
  );
  const lights = JSON.stringify(
    done.map(({ ticket, lights: { dueAt, yellowAt, redAt } }) => ({
      ...{ id: ticket.id, due_at: instant(dueAt), yellow_at: instant(yellowAt), red_at: instant(redAt) },
    })),
  );
  await tx.$client.query(
    `UPDATE tickets t SET due_at = x.due_at, yellow_at = x.yellow_at, red_at = x.red_at, clock_stamp = $3
     FROM jsonb_to_recordset($2::jsonb) AS x(id uuid, due_at timestamptz, yellow_at timestamptz, red_at timestamptz)
     WHERE t.tenant_id = $1 AND t.id = x.id`,
    [tenantId, lights, stamp],
  );
  await tx.$client.query(
    `UPDATE ticket_tasks k SET sort_due = coalesce(x.due_at, 'infinity'), yellow_at = x.yellow_at, red_at = x.red_at
     FROM jsonb_to_recordset($2::jsonb) AS x(id uuid, due_at timestamptz, yellow_at timestamptz, red_at timestamptz)
     WHERE k.tenant_id = $1 AND k.ticket_id = x.id AND k.state IN ('open', 'signed')
       AND (k.sort_due, k.yellow_at, k.red_at) IS DISTINCT FROM (coalesce(x.due_at, 'infinity'), x.yellow_at, x.red_at)`,
    [tenantId, lights],
  );
};

import { afterCommit, type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { calendarStamp } from '../../calendars/calendar-book.js';
import { openTicket } from '../store/change-ticket.js';
import { lightsOf, pointsOf, runsOf, saveRuns } from '../store/clock-rows.js';
import { loadHistory } from '../store/load-ticket.js';
import { saveDue } from '../store/save-lines.js';
import { type ClockDeps, eachTenant } from './note-clocks.js';

const instant = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** A ticket's clocks by its history and the calendars as they are now. The row must be locked. */
export const recomputeClocks = async (tx: Tx, ctx: VerbContext, ticketId: string): Promise<void> => {
  const { ticket, state, world } = await openTicket(tx, ctx, { ticketId, lock: true });
  const key = { tenantId: ctx.actor.tenantId, ticketId };
  const history = (await loadHistory(tx, key)).map(({ event }) => event);
  const runs = runsOf(world, history, state);
  const lights = lightsOf(runs, state);
  await saveRuns(tx, key, { runs, points: runs.flatMap((run) => pointsOf(run, world)) });
  await tx.$client.query(
    'UPDATE tickets SET due_at = $3, yellow_at = $4, red_at = $5, clock_stamp = $6 WHERE tenant_id = $1 AND id = $2',
    [...[key.tenantId, ticketId, instant(lights.dueAt), instant(lights.yellowAt), instant(lights.redAt)], world.stamp],
  );
  await saveDue(tx, { ...key, dueAt: lights.dueAt });
  afterCommit(tx, () =>
    ctx.live.publish({
      ...{ tenantId: key.tenantId, hallId: ticket.hallId, topic: 'tickets', type: 'ticket.changed' },
      data: { ticketId, seq: ticket.seq },
    }),
  );
};

/** Tickets that go on and whose clocks were computed by other calendars than there are now. Answers how many were computed anew. */
export const recomputeAll = async (deps: ClockDeps, signal?: AbortSignal): Promise<number> => {
  const { rows } = await withSystem(deps.database, (tx) => tx.$client.query<{ id: string }>('SELECT id FROM tenants'), {
    readOnly: true,
  });
  return eachTenant(
    deps,
    rows.map(({ id }) => id),
    { signal, work: (ctx) => withTenant(deps.database, ctx.actor, (tx) => recomputeSome(tx, ctx)) },
  );
};

const recomputeSome = async (tx: Tx, ctx: VerbContext): Promise<number> => {
  const { tenantId } = ctx.actor;
  const stamp = await calendarStamp(tx, tenantId);
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT id FROM tickets WHERE tenant_id = $1 AND status <> 'ended' AND (clock_stamp < $2 OR clock_stamp > $2)
     LIMIT 50 FOR NO KEY UPDATE SKIP LOCKED`,
    [tenantId, stamp],
  );
  for (const { id } of rows) await recomputeClocks(tx, ctx, id);
  return rows.length;
};

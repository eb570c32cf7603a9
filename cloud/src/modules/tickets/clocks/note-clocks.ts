import type { Clock } from '@hallhub/shared';
import {
  afterCommit,
  type Database,
  isTransactionConflict,
  type Tx,
  withSystem,
  withTenant,
} from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { LivePublisher } from '../../live/live-port.js';
import { notAside, putAside, takeBack } from '../aside/put-aside.js';
import { ticketDeps } from '../ticket-deps.js';
import { type NotedRow, tellOfClocks } from './tell-of-clocks.js';

export interface ClockDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
}

/** Notes what is due of all clocks: each once, whichever process comes to it. Answers how many. Only what is due is looked at. */
export const noteClocks = async (
  deps: ClockDeps,
  { batch = 500, signal }: { readonly batch?: number; readonly signal?: AbortSignal } = {},
): Promise<number> => {
  const now = deps.clock.now();
  const { rows } = await withSystem(
    deps.database,
    (tx) =>
      tx.$client.query<{ id: string }>(
        `SELECT t.id FROM tenants t WHERE EXISTS (SELECT 1 FROM ticket_clock_events e WHERE e.tenant_id = t.id AND e.noted_at IS NULL AND e.at <= $1)`,
        [new Date(now)],
      ),
    { readOnly: true },
  );
  return eachTenant(
    deps,
    rows.map(({ id }) => id),
    { signal, work: (ctx) => noteSome(deps.database, ctx, { now, batch }) },
  );
};

/** Again and again for each until it answers 0; the sum. What fails for one organisation stops no other, and is thrown at the end. */
export const eachTenant = async (
  deps: ClockDeps,
  tenantIds: readonly string[],
  { signal, work }: { readonly signal?: AbortSignal | undefined; readonly work: (ctx: VerbContext) => Promise<number> },
): Promise<number> => {
  let all = 0;
  const failed: unknown[] = [];
  for (const tenantId of tenantIds) {
    const ctx = contextOf(deps, tenantId);
    try {
      for (let done = -1; done !== 0; all += done) {
        signal?.throwIfAborted();
        done = await work(ctx);
      }
    } catch (error) {
      signal?.throwIfAborted();
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];
  return all;
};

export const contextOf = ({ database, clock, live }: ClockDeps, tenantId: string): VerbContext => ({
  ...{ db: database, clock, live, actor: systemActor(tenantId), request: null },
});

/** All of a batch at once; where one of them fails, each by itself, so that only that one waits. */
const noteSome = async (
  database: Database,
  ctx: VerbContext,
  of: { readonly now: number; readonly batch: number },
): Promise<number> => {
  const inOne = (isEachByItself: boolean) =>
    withTenant(database, ctx.actor, (tx) => noteBatch(tx, ctx, { ...of, isEachByItself }));
  try {
    return await inOne(false);
  } catch (error) {
    if (isTransactionConflict(error)) throw error;
    return inOne(true);
  }
};

const noteBatch = async (
  tx: Tx,
  ctx: VerbContext,
  { now, batch, isEachByItself }: { readonly now: number; readonly batch: number; readonly isEachByItself: boolean },
): Promise<number> => {
  const { tenantId } = ctx.actor;
  // Tickets first, as every act locks them: one that somebody works on just now comes with the next round.
  const { rows } = await tx.$client.query<NotedRow>(
    `WITH due AS (SELECT DISTINCT e.ticket_id FROM (SELECT ticket_id FROM ticket_clock_events d
         WHERE d.tenant_id = $1 AND d.noted_at IS NULL AND d.at <= $2 AND ${notAside('note', { ticketId: 'd.ticket_id', now: '$2' })}
         ORDER BY d.at LIMIT $3) e),
       held AS MATERIALIZED (SELECT t.id FROM tickets t WHERE t.tenant_id = $1 AND t.id IN (SELECT ticket_id FROM due)
         FOR NO KEY UPDATE SKIP LOCKED)
     UPDATE ticket_clock_events e SET noted_at = $2 FROM held
     WHERE e.tenant_id = $1 AND e.ticket_id = held.id AND e.noted_at IS NULL AND e.at <= $2
     RETURNING e.ticket_id, e.clock, e.run, e.what, e.place, e.promised_ms, e.at`,
    [tenantId, new Date(now), batch],
  );
  if (rows.length === 0) return 0;
  const byTicket = new Map<string, NotedRow[]>();
  for (const row of rows) byTicket.set(row.ticket_id, [...(byTicket.get(row.ticket_id) ?? []), row]);
  const { hooks } = ticketDeps(ctx.db);
  const isHeard = hooks.some((hook) => hook.onClocks !== undefined);
  const wanted = [...byTicket].flatMap(([id, its]) =>
    isHeard || its.some(({ what }) => what !== 'warned') ? [id] : [],
  );
  const failed = wanted.length > 0 ? await tellOfClocks(tx, ctx, { wanted, byTicket, now, isEachByItself }) : [];
  await notYet(tx, { tenantId, now, ids: failed.map(({ ticketId }) => ticketId) });
  await putAside(tx, ctx, { work: 'note', failed });
  const aside = new Set(failed.map(({ ticketId }) => ticketId));
  const done = [...byTicket.keys()].filter((id) => !aside.has(id));
  await takeBack(tx, tenantId, { work: 'note', ticketIds: done });
  const halls = await hallsOf(tx, tenantId, done);
  afterCommit(tx, () => {
    for (const { id, hall_id: hallId, seq } of halls) {
      ctx.live.publish({
        ...{ tenantId, hallId, topic: 'tickets', type: 'ticket.changed' },
        data: { ticketId: id, seq },
      });
    }
  });
  return rows.length;
};

/** What nobody could be told of is to be noted still. */
const notYet = async (
  tx: Tx,
  { tenantId, now, ids }: { readonly tenantId: string; readonly now: number; readonly ids: readonly string[] },
): Promise<void> => {
  if (ids.length === 0) return;
  await tx.$client.query(
    'UPDATE ticket_clock_events SET noted_at = NULL WHERE tenant_id = $1 AND ticket_id = ANY($2::uuid[]) AND noted_at = $3',
    [tenantId, ids, new Date(now)],
  );
};

const hallsOf = async (
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<{ id: string; hall_id: string | null; seq: number }[]> => {
  const { rows } = await tx.$client.query<{ id: string; hall_id: string | null; seq: number }>(
    'SELECT id, hall_id, seq FROM tickets WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    [tenantId, ids],
  );
  return rows;
};

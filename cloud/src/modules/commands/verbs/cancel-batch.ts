import { HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { type CloudStep, recordSteps, stepEvent } from '../command-steps.js';
import type { CommandBatchDto } from '../contract.js';
import type { CommandDeps } from './issue-command.js';
import { getBatch } from './read-batches.js';

interface Changed {
  id: string;
  hall_id: string;
  device_id: string | null;
  state: 'cancelled' | 'sent' | 'received';
}

/** What never left is cancelled at once, what left is asked back from its unit, what runs or has ended stays. */
export const cancelBatch = async (
  ctx: VerbContext,
  deps: CommandDeps,
  { batchId }: { readonly batchId: string },
): Promise<CommandBatchDto> => {
  await getBatch(ctx, deps, { batchId });
  const steps = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const { tenantId } = ctx.actor;
    const now = new Date(ctx.clock.now());
    const reach = inReach(sql`c.hall_id`, ctx.actor, 'command.issue') ?? sql`true`;
    const at = now.toISOString();
    const { rows } = (await tx.execute(sql`
      UPDATE commands k SET version = k.version + 1,
        state = CASE WHEN k.state = 'queued' THEN 'cancelled' ELSE k.state END,
        finished_at = CASE WHEN k.state = 'queued' THEN ${at}::timestamptz ELSE k.finished_at END,
        next_send_at = CASE WHEN k.state = 'queued' THEN NULL ELSE ${at}::timestamptz END,
        cancel_asked_at = CASE WHEN k.state = 'queued' THEN k.cancel_asked_at ELSE ${at}::timestamptz END
      FROM (SELECT c.id FROM commands c WHERE c.tenant_id = ${tenantId} AND c.batch_id = ${batchId} AND c.state IN ('queued', 'sent', 'received')
        AND c.cancel_asked_at IS NULL AND ${reach} ORDER BY c.id FOR UPDATE) open
      WHERE k.id = open.id RETURNING k.id, k.hall_id, k.device_id, k.state`)) as unknown as { rows: Changed[] };
    if (rows.length === 0) {
      throw new HubError('conflict', 'Nothing of this batch can be taken back any more', { context: { batchId } });
    }
    await tx.$client.query(
      'UPDATE command_batches SET cancelled_at = coalesce(cancelled_at, $3) WHERE tenant_id = $1 AND id = $2',
      [...[tenantId, batchId, now]],
    );
    const made = rows
      .filter(({ state }) => state === 'cancelled')
      .map(
        (row): CloudStep => ({
          ...{ tenantId, hallId: row.hall_id, commandId: row.id, deviceId: row.device_id },
          ...{ state: 'cancelled', provisional: false, at: now },
        }),
      );
    await recordSteps(tx, made);
    for (const hallId of new Set(rows.map(({ hall_id }) => hall_id))) {
      const there = rows.filter(({ hall_id }) => hall_id === hallId);
      await audit(tx, ctx, {
        action: 'command_batch.cancelled',
        target: { kind: 'command_batch', id: batchId },
        hallId,
        after: {
          cancelled: there.filter(({ state }) => state === 'cancelled').length,
          askedBack: there.filter(({ state }) => state !== 'cancelled').length,
        },
      });
    }
    return made;
  });
  for (const step of steps) ctx.live.publish(stepEvent(step));
  deps.wake();
  return getBatch(ctx, deps, { batchId });
};

import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import type { TicketHook } from '../../tickets/ticket-hooks.js';
import { say, tried } from '../acts.js';
import type { UntoldAdvice } from './find-repairs.js';

/** A device that failed so often within thirty days is said to be due for replacement. */
export const adviseFrom = 3;
const adviseWithinMs = 30 * 86_400_000;
export const adviseSince = ({ clock }: VerbContext): Date => new Date(clock.now() - adviseWithinMs);

/** Kinds whose tickets are repairs: the shipped one, and those that the organisation's rules open. */
export const repairKinds = `SELECT 'repair' UNION SELECT r.kind FROM repair_rules r WHERE r.tenant_id = $1`;
export const repairKindsOf = (tenantId: string): SQL =>
  sql`SELECT 'repair' UNION SELECT r.kind FROM repair_rules r WHERE r.tenant_id = ${tenantId}`;

/** How often a device failed that a ticket `t` is about: a repair that was not done right the first time is no new failure. */
export const failuresOf = `1 + t.reopened - CASE WHEN t.reopened > 0 THEN coalesce((t.state ->> 'redone')::int, 0) ELSE 0 END`;

/** Repairs within thirty days; one that had to be opened again counts again, one that was none does not. */
export const countFailures = async (tx: Tx, ctx: VerbContext, deviceId: string): Promise<number> => {
  const { rows } = await tx.$client.query<{ count: number }>(
    `SELECT coalesce(sum(${failuresOf}), 0)::int AS count FROM tickets t WHERE t.tenant_id = $1 AND t.device_id = $2 AND t.made_at >= $3
       AND t.kind IN (${repairKinds}) AND coalesce(t.outcome, 'closed') = 'closed'`,
    [ctx.actor.tenantId, deviceId, adviseSince(ctx)],
  );
  return rows[0]?.count ?? 0;
};

/** Counts with the ticket, in its transaction, whoever made or reopened it. */
export const repairHook: TicketHook = {
  onLines: async (tx, ctx, { ticket, events }) => {
    const deviceId = ticket.deviceId;
    if (deviceId === null || !events.some(({ type }) => type === 'made' || type === 'reopened')) return;
    const { tenantId } = ctx.actor;
    const { rowCount } = await tx.$client.query(`SELECT 1 WHERE $2 IN (${repairKinds})`, [tenantId, ticket.kind]);
    if (rowCount === 0) return;
    const failures = await countFailures(tx, ctx, deviceId);
    if (failures < adviseFrom) return;
    await tx.$client.query(
      `INSERT INTO repair_advice (tenant_id, ticket_id, device_id, failures, at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant_id, ticket_id) DO UPDATE SET failures = excluded.failures, at = excluded.at, told_at = NULL`,
      [tenantId, ticket.id, deviceId, failures, new Date(ctx.clock.now())],
    );
  },
};

/** Into the history at once; into its field as soon as a step lets it be written. False: the step does not yet. */
export const tellAdvice = async (tx: Tx, ctx: VerbContext, advice: UntoldAdvice): Promise<boolean> => {
  const { state, world } = await openTicket(tx, ctx, { ticketId: advice.id, lock: true });
  const { rows } = await tx.$client.query<{ failures: number }>(
    'SELECT failures FROM repair_advice WHERE tenant_id = $1 AND ticket_id = $2 AND told_at IS NULL',
    [ctx.actor.tenantId, advice.id],
  );
  const failures = rows[0]?.failures;
  if (failures === undefined) return true;
  const has = world.kind.fields.some(({ key, type }) => key === 'replaceAdvised' && type === 'yesNo');
  if (has && state.status !== 'ended' && state.fields.replaceAdvised !== true) {
    const step = world.kind.steps.find(({ id }) => id === state.step);
    const task = state.tasks.find(
      (one) => one.step === state.step && one.purpose === 'handle' && (one.state === 'open' || one.state === 'signed'),
    );
    if (!task || !step?.fields.edit.includes('replaceAdvised')) return false;
    await tried(tx, ctx, advice.id, { do: 'edit', task: task.id, fields: { replaceAdvised: true } });
  }
  await say(tx, ctx, advice.id, `该设备 30 天内第 ${failures} 次故障，建议更换`);
  await tx.$client.query('UPDATE repair_advice SET told_at = $3 WHERE tenant_id = $1 AND ticket_id = $2', [
    ...[ctx.actor.tenantId, advice.id, new Date(ctx.clock.now())],
  ]);
  return true;
};

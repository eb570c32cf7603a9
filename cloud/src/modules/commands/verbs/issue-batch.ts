import { HubError, isHubError, uuidv7 } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { shownName } from '../../fleet/read-devices.js';
import { type CloudStep, recordSteps, stepEvent } from '../command-steps.js';
import { type CommandBatchDto, type IssueBatch, maxBatchTargets, type SkipReason } from '../contract.js';
import { type CommandDeps, checkedInput, defaultDeadlineMs, marginMs, masked } from './issue-command.js';
import { getBatch } from './read-batches.js';

interface Target {
  id: string;
  unit_id: string;
  hall_id: string;
  device_name: string;
  state: string;
  profile_hash: string | null;
}

interface Skipped {
  readonly deviceId: string;
  readonly deviceName: string | null;
  readonly reason: SkipReason;
}

interface Made extends Target {
  readonly commandId: string;
  readonly input: Record<string, unknown>;
  readonly audited: Record<string, unknown>;
  readonly deadlineMs: number;
}

/**
 * One command to many devices: each is checked against its own thing model and the right over its own hall; what cannot be is
 * named with the reason, the rest goes. Errors: `invalid_input` where nothing can go, or more than 1,000 devices fit.
 */
export const issueBatch = async (ctx: VerbContext, deps: CommandDeps, input: IssueBatch): Promise<CommandBatchDto> => {
  const batchId = uuidv7(ctx.clock.now());
  const steps = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const asked = 'deviceIds' in input.targets ? [...new Set(input.targets.deviceIds)] : null;
    const found = await findTargets(tx, ctx, input);
    if (found.length > maxBatchTargets) {
      throw new HubError('invalid_input', `More than ${maxBatchTargets} devices fit: narrow it down`);
    }
    const { made, skipped } = await sortOut(tx, ctx, deps, { input, found, asked });
    if (made.length === 0) {
      throw new HubError('invalid_input', 'None of these devices can be sent that command', { context: { skipped } });
    }
    return insertBatch(tx, ctx, { batchId, input, made, skipped });
  });
  for (const step of steps) ctx.live.publish(stepEvent(step));
  deps.wake();
  return getBatch(ctx, deps, { batchId });
};

const findTargets = async (tx: Tx, ctx: VerbContext, { targets }: IssueBatch): Promise<Target[]> => {
  const where: (SQL | undefined | '' | false)[] = [
    sql`d.revision > 0`,
    inReach(sql`d.hall_id`, ctx.actor, 'device.read'),
  ];
  if ('deviceIds' in targets) {
    where.push(sql`d.id = ANY(${sql.param([...new Set(targets.deviceIds)])}::uuid[])`);
  } else {
    const { hallId, unitId, profileId, deviceClass } = targets.filter;
    where.push(sql`d.state = 'active'`);
    where.push(hallId && sql`d.hall_id = ${hallId}`, unitId && sql`d.unit_id = ${unitId}`);
    where.push(profileId && sql`d.profile_id = ${profileId}`, deviceClass && sql`d.device_class = ${deviceClass}`);
  }
  const parts = where.filter((part): part is SQL => typeof part === 'object' && part !== null);
  const { rows } = (await tx.execute(sql`
    SELECT d.id, d.unit_id, d.hall_id, ${shownName} AS device_name, d.state, d.profile_hash
    FROM devices d WHERE d.tenant_id = ${ctx.actor.tenantId} AND ${sql.join(parts, sql` AND `)}
    ORDER BY d.id LIMIT ${maxBatchTargets + 1}`)) as unknown as { rows: Target[] };
  return rows;
};

const sortOut = async (
  tx: Tx,
  ctx: VerbContext,
  deps: CommandDeps,
  of: { readonly input: IssueBatch; readonly found: readonly Target[]; readonly asked: readonly string[] | null },
): Promise<{ made: Made[]; skipped: Skipped[] }> => {
  const known = new Set(of.found.map(({ id }) => id));
  const skipped: Skipped[] = (of.asked ?? [])
    .filter((id) => !known.has(id))
    .map((deviceId) => ({ deviceId, deviceName: null, reason: 'not_found' }));
  const profiles = await deps.profiles.getMany(
    tx,
    ctx.actor.tenantId,
    of.found.flatMap(({ profile_hash }) => profile_hash ?? []),
  );
  const made: Made[] = [];
  for (const target of of.found) {
    const skip = (reason: SkipReason) =>
      void skipped.push({ deviceId: target.id, deviceName: target.device_name, reason });
    if (!ctx.actor.can('command.issue', { hallId: target.hall_id })) skip('forbidden');
    else if (target.state !== 'active') skip('not_active');
    else {
      try {
        const thing = profiles.get(target.profile_hash ?? '')?.thing ?? null;
        const { value, personal, timeoutMs } = checkedInput(thing, of.input);
        made.push({
          ...target,
          commandId: uuidv7(ctx.clock.now()),
          input: value,
          audited: masked(value, personal),
          deadlineMs: of.input.deadlineMs ?? Math.max(defaultDeadlineMs, timeoutMs + marginMs),
        });
      } catch (error) {
        if (isHubError(error, 'unsupported')) skip('unsupported');
        else if (isHubError(error, 'invalid_input')) skip('invalid_input');
        else throw error;
      }
    }
  }
  return { made, skipped };
};

const insertBatch = async (
  tx: Tx,
  ctx: VerbContext,
  of: {
    readonly batchId: string;
    readonly input: IssueBatch;
    readonly made: readonly Made[];
    readonly skipped: readonly Skipped[];
  },
): Promise<CloudStep[]> => {
  const { batchId, input, made, skipped } = of;
  const { tenantId, userId, userName } = ctx.actor;
  const now = new Date(ctx.clock.now());
  const after = (ms: number) => new Date(now.getTime() + ms);
  const longest = made.reduce((most, { deadlineMs }) => Math.max(most, deadlineMs), 0);
  await tx.$client.query(
    `INSERT INTO command_batches (id, tenant_id, name, input, issued_by, issued_by_name, issued_at, deadline_at, skipped)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[batchId, tenantId, input.name, JSON.stringify(input.input), userId, userName, now, after(longest)],
      JSON.stringify(skipped),
    ],
  );
  await tx.$client.query(
    `INSERT INTO commands (tenant_id, batch_id, name, issued_by, issued_by_name, issued_at, next_send_at, id, unit_id, hall_id, device_id, input, deadline_at)
     SELECT $1, $2, $3, $4, $5, $6, $6, r.* FROM jsonb_to_recordset($7::jsonb) AS r(id uuid, unit_id uuid, hall_id uuid, device_id uuid, input jsonb, deadline_at timestamptz)`,
    [
      ...[tenantId, batchId, input.name, userId, userName, now],
      JSON.stringify(
        made.map((one) => ({
          id: one.commandId,
          unit_id: one.unit_id,
          hall_id: one.hall_id,
          device_id: one.id,
          input: one.input,
          deadline_at: after(one.deadlineMs).toISOString(),
        })),
      ),
    ],
  );
  const steps = made.map(
    (one): CloudStep => ({
      ...{ tenantId, hallId: one.hall_id, commandId: one.commandId, deviceId: one.id },
      ...{ state: 'queued', provisional: false, at: now },
    }),
  );
  await recordSteps(tx, steps);
  // One entry a hall: who may read a hall's trail sees what was sent there.
  for (const hallId of new Set(made.map(({ hall_id }) => hall_id))) {
    const there = made.filter(({ hall_id }) => hall_id === hallId);
    await audit(tx, ctx, {
      action: 'command_batch.issued',
      target: { kind: 'command_batch', id: batchId, name: input.name },
      hallId,
      after: { name: input.name, input: there[0]?.audited ?? {}, devices: there.map(({ id }) => id) },
    });
  }
  return steps;
};

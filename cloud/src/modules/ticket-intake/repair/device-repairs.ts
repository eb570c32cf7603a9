import { HubError, type Label } from '@hallhub/shared';
import type { TicketKind, TicketState } from '@hallhub/shared/ticket';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { adviseFrom, countFailures, repairKinds } from './count-failures.js';
import type { DeviceRepairs } from './repair-contract.js';

const mostShown = 200;

interface Row {
  id: string;
  number: string;
  title: string;
  kind: string;
  kind_version: number;
  outcome: 'closed' | 'cancelled' | 'merged' | null;
  made_at: Date;
  ended_at: Date | null;
  reopened: number;
  solved_ms: number | null;
  fields: Record<string, unknown>;
  state_id: string;
  alarms: number;
}

/** History, parts and mean time to repair of one device. Throws `not_found` where the device is not within the reader's reach. */
export const readDeviceRepairs = (
  ctx: VerbContext,
  { deviceId }: { readonly deviceId: string },
): Promise<DeviceRepairs> => withTenant(ctx.db, ctx.actor, (tx) => read(tx, ctx, deviceId), { readOnly: true });

const read = async (tx: Tx, ctx: VerbContext, deviceId: string): Promise<DeviceRepairs> => {
  const { tenantId } = ctx.actor;
  const { rows: devices } = await tx.$client.query<{ hall_id: string }>(
    'SELECT hall_id FROM devices WHERE tenant_id = $1 AND id = $2',
    [tenantId, deviceId],
  );
  const hallId = devices[0]?.hall_id;
  if (hallId === undefined || !ctx.actor.can('ticket.read', { hallId })) {
    throw new HubError('not_found', 'There is no such device');
  }
  const ofDevice = `t.tenant_id = $1 AND t.device_id = $2 AND t.kind IN (${repairKinds})`;
  const { rows } = await tx.$client.query<Row>(
    `SELECT t.id, t.number, t.title, t.kind, t.kind_version, t.outcome, t.made_at, t.ended_at, t.reopened, t.state_id,
       (t.state -> 'marks' ->> 'solved')::float8 AS solved_ms, t.state -> 'fields' AS fields,
       (SELECT count(*)::int FROM repair_alarms k WHERE k.tenant_id = t.tenant_id AND k.ticket_id = t.id) AS alarms
     FROM tickets t WHERE ${ofDevice} ORDER BY t.made_at DESC, t.id DESC LIMIT ${mostShown}`,
    [tenantId, deviceId],
  );
  const { rows: sums } = await tx.$client.query<{
    total: number;
    repaired: number;
    mean_ms: number | null;
    cost: string;
  }>(
    `SELECT count(*)::int AS total, count(s.ms)::int AS repaired, avg(s.ms)::float8 AS mean_ms, coalesce(sum(s.cost), 0) AS cost
     FROM (SELECT CASE WHEN coalesce(t.outcome, 'closed') = 'closed'
         THEN (t.state -> 'marks' ->> 'solved')::float8 - extract(epoch FROM t.made_at) * 1000 END AS ms,
       CASE WHEN jsonb_typeof(t.state -> 'fields' -> 'partsCost') = 'number' THEN (t.state -> 'fields' ->> 'partsCost')::numeric END AS cost
       FROM tickets t WHERE ${ofDevice}) s`,
    [tenantId, deviceId],
  );
  const failures = await countFailures(tx, ctx, deviceId);
  const [sum] = sums;
  const items: DeviceRepairs['items'] = [];
  for (const row of rows) {
    const published = await readKind(tx, tenantId, row.kind, row.kind_version);
    if (published) items.push(toRepair(row, published.kind));
  }
  return {
    ...{ items, total: sum?.total ?? 0, repaired: sum?.repaired ?? 0 },
    meanTimeToRepairMs: sum?.mean_ms == null ? null : Math.round(sum.mean_ms),
    ...{ partsCost: Math.round(Number(sum?.cost ?? 0)), failures, replaceAdvised: failures >= adviseFrom },
  };
};

const toRepair = (row: Row, kind: TicketKind): DeviceRepairs['items'][number] => {
  const fields: TicketState['fields'] = row.fields;
  // Sealed fields are no plain texts; none of these is one in the shipped kind, and a kind that seals them shows none here.
  const fieldOf = (key: string) => kind.fields.find((one) => one.key === key && !one.personal);
  const text = (key: string): string | null => {
    const value = fieldOf(key) ? fields[key] : undefined;
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  };
  const choice = (key: string): Label | null => {
    const field = fieldOf(key);
    if (field?.type !== 'choice') return null;
    return field.choices.find(({ value }) => value === fields[key])?.label ?? null;
  };
  const cost = fieldOf('partsCost') ? fields.partsCost : undefined;
  return {
    ...{ ticketId: row.id, number: row.number, title: row.title, outcome: row.outcome },
    state: kind.states.find(({ id }) => id === row.state_id)?.label ?? { zh: row.state_id },
    ...{ madeAt: row.made_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null },
    repairedAt: row.solved_ms === null ? null : new Date(row.solved_ms).toISOString(),
    tookMs: row.solved_ms === null ? null : Math.max(0, Math.round(row.solved_ms - row.made_at.getTime())),
    ...{ alarms: row.alarms, reopened: row.reopened, replaceAdvised: fields.replaceAdvised === true },
    ...{ cause: choice('cause'), method: choice('method'), diagnosis: text('diagnosis'), result: text('result') },
    ...{ parts: text('parts'), partsCost: typeof cost === 'number' ? cost : null },
  };
};

import { HubError } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { PartyBook } from '../../offices/party-book.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { partiesOf } from '../../tickets/store/ticket-world.js';
import { withinReach } from '../../tickets/verbs/ticket-where.js';
import { plainFields } from '../../tickets/view/plain-fields.js';
import { adviseFrom, countFailures, repairKindsOf } from './count-failures.js';
import type { DeviceRepairs } from './repair-contract.js';

const mostShown = 200;

interface Row {
  id: string;
  number: string;
  title: string;
  kind: string;
  kind_version: number;
  step: string;
  outcome: 'closed' | 'cancelled' | 'merged' | null;
  made_at: string;
  ended_at: string | null;
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
  const { rows, sum, costs } = await repairsOf(tx, ctx, deviceId);
  const failures = await countFailures(tx, ctx, deviceId);
  const items: DeviceRepairs['items'] = [];
  for (const row of rows) {
    const published = await readKind(tx, tenantId, row.kind, row.kind_version);
    if (published) items.push(toRepair(row, published.kind));
  }
  let partsCost = 0;
  for (const { step, cost, ...of } of costs) {
    const published = await readKind(tx, tenantId, of.kind, of.kind_version);
    // A sum that holds what no repair of it may tell would tell it.
    if (published && plainFields({ step, fields: {} }, published.kind).fieldOf('partsCost')) partsCost += Number(cost);
  }
  return {
    ...{ items, total: sum?.total ?? 0, elsewhere: sum?.elsewhere ?? 0, repaired: sum?.repaired ?? 0 },
    meanTimeToRepairMs: sum?.mean_ms == null ? null : Math.round(sum.mean_ms),
    ...{ partsCost: Math.round(partsCost), failures, replaceAdvised: failures >= adviseFrom },
  };
};

interface Sum {
  total: number;
  elsewhere: number;
  repaired: number;
  mean_ms: number | null;
}

/** What the parts of repairs of one version of a kind cost, by the step where they stand. */
interface Cost {
  kind: string;
  kind_version: number;
  step: string;
  cost: string;
}

/** Repairs that the reader may see: a device that was moved brings those of the halls before only as a number. */
const repairsOf = async (
  tx: Tx,
  ctx: VerbContext,
  deviceId: string,
): Promise<{ readonly rows: Row[]; readonly sum: Sum | undefined; readonly costs: Cost[] }> => {
  const { tenantId, userId } = ctx.actor;
  const now = ctx.clock.now();
  const book = await PartyBook.load(tx, tenantId, now, { asksForSkills: false });
  const seen = withinReach({ actor: ctx.actor, mine: partiesOf(book, userId, now), now }) ?? sql`true`;
  const ofDevice = sql`t.tenant_id = ${tenantId} AND t.device_id = ${deviceId} AND t.kind IN (${repairKindsOf(tenantId)})`;
  const { rows } = (await tx.execute(sql`
    SELECT t.id, t.number, t.title, t.kind, t.kind_version, t.step, t.outcome, t.made_at, t.ended_at, t.reopened, t.state_id,
      (t.state -> 'marks' ->> 'solved')::float8 AS solved_ms, t.state -> 'fields' AS fields,
      (SELECT count(*)::int FROM repair_alarms k WHERE k.tenant_id = t.tenant_id AND k.ticket_id = t.id) AS alarms
    FROM tickets t WHERE ${ofDevice} AND ${seen} ORDER BY t.made_at DESC, t.id DESC LIMIT ${mostShown}`)) as unknown as {
    rows: Row[];
  };
  const { rows: sums } = (await tx.execute(sql`
    SELECT count(*) FILTER (WHERE s.seen)::int AS total, count(*) FILTER (WHERE NOT s.seen)::int AS elsewhere,
      count(s.ms) FILTER (WHERE s.seen)::int AS repaired, (avg(s.ms) FILTER (WHERE s.seen))::float8 AS mean_ms
    FROM (SELECT coalesce(${seen}, false) AS seen, CASE WHEN coalesce(t.outcome, 'closed') = 'closed'
        THEN (t.state -> 'marks' ->> 'solved')::float8 - extract(epoch FROM t.made_at) * 1000 END AS ms
      FROM tickets t WHERE ${ofDevice}) s`)) as unknown as { rows: Sum[] };
  const { rows: costs } = (await tx.execute(sql`
    SELECT t.kind, t.kind_version, t.step, sum((t.state -> 'fields' ->> 'partsCost')::numeric) AS cost
    FROM tickets t WHERE ${ofDevice} AND ${seen} AND jsonb_typeof(t.state -> 'fields' -> 'partsCost') = 'number'
    GROUP BY t.kind, t.kind_version, t.step`)) as unknown as { rows: Cost[] };
  return { rows, sum: sums[0], costs };
};

const iso = (at: string): string => new Date(at).toISOString();

const toRepair = (row: Row, kind: TicketKind): DeviceRepairs['items'][number] => {
  // Sealed fields are no plain texts; none of these is one in the shipped kind, and a kind that seals them shows none here.
  const { value, number, text, choice } = plainFields(row, kind);
  return {
    ...{ ticketId: row.id, number: row.number, title: row.title, outcome: row.outcome },
    state: kind.states.find(({ id }) => id === row.state_id)?.label ?? { zh: row.state_id },
    ...{ madeAt: iso(row.made_at), endedAt: row.ended_at === null ? null : iso(row.ended_at) },
    repairedAt: row.solved_ms === null ? null : new Date(row.solved_ms).toISOString(),
    tookMs: row.solved_ms === null ? null : Math.max(0, Math.round(row.solved_ms - new Date(row.made_at).getTime())),
    ...{ alarms: row.alarms, reopened: row.reopened, replaceAdvised: value('replaceAdvised') === true },
    ...{ cause: choice('cause'), method: choice('method'), diagnosis: text('diagnosis'), result: text('result') },
    ...{ parts: text('parts'), partsCost: number('partsCost') },
  };
};

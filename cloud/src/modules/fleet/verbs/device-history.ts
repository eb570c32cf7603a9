import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import { findDevice } from '../../commands/verbs/issue-command.js';
import type { History } from '../../telemetry/index.js';
import type { DeviceDto, HistoryDto, presenceChangeSchema, profileDtoSchema } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { instantText } from '../instant-text.js';
import { toEvidence, toValue } from '../read-devices.js';

export const listValues = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'telemetry'>,
  { deviceId }: { readonly deviceId: string },
): Promise<{ items: DeviceDto['values'] }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    await findDevice(tx, ctx, deviceId);
    return { items: (await deps.telemetry.latestValues(tx, [deviceId])).map(toValue) };
  });

export interface HistoryQuery {
  readonly deviceId: string;
  readonly property: string;
  readonly from: string;
  readonly to: string;
  readonly maxPoints?: number | undefined;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** A property over time, with the times in which nobody could have known it. */
export const readHistory = async (
  ctx: VerbContext,
  deps: Pick<FleetDeps, 'telemetry'>,
  query: HistoryQuery,
): Promise<HistoryDto> => {
  const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const device = await findDevice(tx, ctx, query.deviceId);
    const { deviceId, property, maxPoints } = query;
    const history = await deps.telemetry.queryHistory(tx, { deviceId, property, from, to, maxPoints });
    const gaps = await readGaps(tx, { deviceId, unitId: device.unitId, tenantId: device.tenantId, from, to });
    return { property, ...pointsOf(history), gaps };
  });
};

const pointsOf = (history: History): Omit<HistoryDto, 'property' | 'gaps'> => {
  const before = history.before && { at: iso(history.before.at), value: history.before.value };
  if (history.kind === 'raw') {
    const points = history.samples.map(({ at, value, quality }) => ({ at: iso(at), value, quality }));
    return { resolution: 'raw', bucketMs: null, points, before, truncated: history.truncated };
  }
  const points = history.buckets.map(({ at, min, max, avg, count }) => ({ at: iso(at), min, max, avg, count }));
  const resolution = history.bucketMs === 3_600_000 ? 'hour' : 'bucket';
  return { resolution, bucketMs: history.bucketMs, points, before, truncated: false };
};

/** The device's own offline spells within the range. A unit that is away fills its time in later, so it is no gap. */
const readGaps = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly deviceId: string;
    readonly unitId: string;
    readonly from: number;
    readonly to: number;
  },
): Promise<HistoryDto['gaps']> => {
  const { rows } = (await tx.execute(sql`
    SELECT greatest(at, ${iso(of.from)}::timestamptz) AS gap_from, least(next_at, ${iso(of.to)}::timestamptz) AS gap_to FROM (
      SELECT at, state, lead(at, 1, 'infinity') OVER (ORDER BY at, id) AS next_at FROM presence_changes
      WHERE tenant_id = ${of.tenantId} AND device_id = ${of.deviceId} AND at < ${iso(of.to)}::timestamptz
        AND at >= coalesce((SELECT max(at) FROM presence_changes WHERE tenant_id = ${of.tenantId} AND device_id = ${of.deviceId}
          AND at <= ${iso(of.from)}::timestamptz), '-infinity')) spells
    WHERE state = 'offline' AND next_at > ${iso(of.from)}::timestamptz ORDER BY 1 LIMIT 1000`)) as unknown as {
    rows: { gap_from: string; gap_to: string }[];
  };
  return rows.map((row) => ({ from: instantText(row.gap_from), to: instantText(row.gap_to) }));
};

export const listPresence = async (
  ctx: VerbContext,
  filter: PageQuery & {
    readonly deviceId: string;
    readonly from?: string | undefined;
    readonly to?: string | undefined;
  },
): Promise<Page<z.infer<typeof presenceChangeSchema>>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const rows = await withTenant(ctx.db, ctx.actor, async (tx) => {
    await findDevice(tx, ctx, filter.deviceId);
    const found = await tx.execute(sql`
      SELECT id, at, received_at, state, reason, detail, evidence FROM presence_changes
      WHERE tenant_id = ${ctx.actor.tenantId} AND device_id = ${filter.deviceId}
        AND ${filter.from ? sql`at >= ${filter.from}::timestamptz` : sql`true`} AND ${filter.to ? sql`at < ${filter.to}::timestamptz` : sql`true`}
        AND ${after ? sql`(at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql`true`}
      ORDER BY at DESC, id DESC LIMIT ${filter.limit + 1}`);
    return found.rows as unknown as {
      id: string;
      at: string;
      received_at: string;
      state: DeviceDto['presence'];
      reason: string;
      detail: string | null;
      evidence: { check: string; ok: boolean; at: number; detail?: string }[];
    }[];
  });
  return toPage(rows, filter.limit, {
    item: (row) => ({
      ...{ at: instantText(row.at), receivedAt: instantText(row.received_at) },
      ...{ state: row.state, reason: row.reason, detail: row.detail, evidence: row.evidence.map(toEvidence) },
    }),
    key: (row) => [instantText(row.at), row.id],
  });
};

/** A profile by its hash. Profiles hold nothing of a hall: anybody in the tenant who may see devices may read them. */
export const getProfile = async (
  ctx: VerbContext,
  { hash }: { readonly hash: string },
): Promise<z.infer<typeof profileDtoSchema>> => {
  const found = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const { rows } = await tx.execute(
      sql`SELECT hash, profile_id, version, readable, document FROM profiles WHERE tenant_id = ${ctx.actor.tenantId} AND hash = ${hash}`,
    );
    return rows[0] as unknown as
      | { hash: string; profile_id: string; version: string; readable: boolean; document: Record<string, unknown> }
      | undefined;
  });
  if (!found) throw new HubError('not_found', 'There is no such profile');
  const { profile_id: profileId, ...rest } = found;
  return { ...rest, profileId };
};

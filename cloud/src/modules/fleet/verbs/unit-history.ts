import type { Lane } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { asideDtoSchema, faultDtoSchema, gapDtoSchema, SealDto, unitPresenceChangeSchema } from '../contract.js';
import { instantText } from '../instant-text.js';
import { unitById } from './get-unit.js';

export interface HistoryFilter extends PageQuery {
  readonly unitId: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

type Row = Record<string, unknown>;

const between = (column: SQL, filter: HistoryFilter): SQL =>
  sql`(${filter.from ?? null}::timestamptz IS NULL OR ${column} >= ${filter.from ?? null}::timestamptz)
    AND (${filter.to ?? null}::timestamptz IS NULL OR ${column} < ${filter.to ?? null}::timestamptz)`;

/** The unit is seen first (404 where it is out of reach), then its rows are read. */
const rowsOf = <R extends Row>(ctx: VerbContext, unitId: string, query: SQL): Promise<R[]> =>
  withTenant(ctx.db, ctx.actor, async (tx: Tx) => {
    await unitById(tx, ctx, unitId);
    return (await tx.execute(query)).rows as unknown as R[];
  });

/** When the unit came and went, newest first. */
export const listUnitPresence = async (
  ctx: VerbContext,
  filter: HistoryFilter,
): Promise<Page<z.infer<typeof unitPresenceChangeSchema>>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const rows = await rowsOf<{ id: string; at: string; state: 'online' | 'offline'; reason: string }>(
    ctx,
    filter.unitId,
    sql`SELECT id, at, state, reason FROM unit_presence_changes
      WHERE tenant_id = ${ctx.actor.tenantId} AND unit_id = ${filter.unitId} AND ${between(sql`at`, filter)}
        AND ${after ? sql`(at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql`true`}
      ORDER BY at DESC, id DESC LIMIT ${filter.limit + 1}`,
  );
  return toPage(rows, filter.limit, {
    item: (row) => ({ at: instantText(row.at), state: row.state, reason: row.reason }),
    key: (row) => [instantText(row.at), row.id],
  });
};

interface SealRecord extends Row {
  lane: Lane;
  epoch: string;
  hour: string;
  cursor: string | null;
  cloud_first: string | null;
  cloud_last: string | null;
  cloud_count: string | null;
  cloud_chain: string | null;
  unit_first: string | null;
  unit_last: string | null;
  unit_count: string | null;
  unit_chain: string | null;
  missing: string;
}

/**
 * Both sides of the seals, newest hour first. Equal: the same first, last, count and chain. Rows known to be missing (gaps)
 * make an hour unequal, and are counted so that the difference is explained.
 */
export const listSeals = async (ctx: VerbContext, filter: HistoryFilter): Promise<Page<SealDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.string(), z.string()]));
  const rows = await rowsOf<SealRecord>(
    ctx,
    filter.unitId,
    sql`SELECT s.lane, s.epoch, s.hour, t.cursor, s.cloud_first, s.cloud_last, s.cloud_count, encode(s.cloud_chain, 'hex') AS cloud_chain,
        s.unit_first, s.unit_last, s.unit_count, encode(s.unit_chain, 'hex') AS unit_chain,
        (SELECT coalesce(sum(least(g.to_seq, s.unit_last) - greatest(g.from_seq, s.unit_first) + 1), 0) FROM stream_gaps g
         WHERE g.tenant_id = s.tenant_id AND g.unit_id = s.unit_id AND g.lane = s.lane AND g.epoch = s.epoch AND g.source = 'batch'
           AND g.from_seq <= s.unit_last AND g.to_seq >= s.unit_first) AS missing
      FROM seals s LEFT JOIN streams t USING (tenant_id, unit_id, lane, epoch)
      WHERE s.tenant_id = ${ctx.actor.tenantId} AND s.unit_id = ${filter.unitId} AND ${between(sql`s.hour`, filter)}
        AND ${after ? sql`(s.hour, s.lane, s.epoch) < (${after[0]}::timestamptz, ${after[1]}, ${after[2]})` : sql`true`}
      ORDER BY s.hour DESC, s.lane DESC, s.epoch DESC LIMIT ${filter.limit + 1}`,
  );
  return toPage(rows, filter.limit, {
    item: toSeal,
    key: (row) => [instantText(row.hour), row.lane, row.epoch],
  });
};

const side = (
  first: string | null,
  last: string | null,
  count: string | null,
  chain: string | null,
): SealDto['unit'] =>
  first === null || chain === null
    ? null
    : { firstSeq: Number(first), lastSeq: Number(last), count: Number(count), chain };

const toSeal = (row: SealRecord): SealDto => {
  const unit = side(row.unit_first, row.unit_last, row.unit_count, row.unit_chain);
  const cloud = side(row.cloud_first, row.cloud_last, row.cloud_count, row.cloud_chain);
  const arrived = unit !== null && Number(row.cursor ?? 0) >= unit.lastSeq;
  const same =
    cloud !== null &&
    unit !== null &&
    cloud.firstSeq === unit.firstSeq &&
    cloud.lastSeq === unit.lastSeq &&
    cloud.count === unit.count &&
    cloud.chain === unit.chain;
  return {
    lane: row.lane,
    epoch: row.epoch,
    hour: instantText(row.hour),
    unit,
    cloud,
    equal: arrived ? same : null,
    missing: Number(row.missing),
  };
};

/** Rows that were put aside, newest first. */
export const listAside = async (
  ctx: VerbContext,
  filter: HistoryFilter,
): Promise<Page<z.infer<typeof asideDtoSchema>>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.string(), z.string(), z.int()]));
  const rows = await rowsOf<{
    lane: Lane;
    epoch: string;
    seq: string;
    kind: string | null;
    reason: string;
    detail: string;
    bytes: Buffer;
    received_at: string;
  }>(
    ctx,
    filter.unitId,
    sql`SELECT lane, epoch, seq, kind, reason, detail, substring(bytes FROM 1 FOR 8000) AS bytes, received_at FROM aside_rows
      WHERE tenant_id = ${ctx.actor.tenantId} AND unit_id = ${filter.unitId} AND ${between(sql`received_at`, filter)}
        AND ${after ? sql`(received_at, lane, epoch, seq) < (${after[0]}::timestamptz, ${after[1]}, ${after[2]}, ${after[3]}::bigint)` : sql`true`}
      ORDER BY received_at DESC, lane DESC, epoch DESC, seq DESC LIMIT ${filter.limit + 1}`,
  );
  return toPage(rows, filter.limit, {
    item: ({ bytes, received_at, seq, ...row }) => ({
      ...row,
      seq: Number(seq),
      text: bytes.toString('utf8').slice(0, 2_000),
      receivedAt: instantText(received_at),
    }),
    key: (row) => [instantText(row.received_at), row.lane, row.epoch, Number(row.seq)],
  });
};

/** What is known to be missing, and why; newest first. */
export const listGaps = async (
  ctx: VerbContext,
  filter: HistoryFilter,
): Promise<Page<z.infer<typeof gapDtoSchema>>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.string(), z.string(), z.int()]));
  const number = (text: string | null) => (text === null ? null : Number(text));
  const rows = await rowsOf<{
    lane: Lane;
    epoch: string;
    seq: string;
    source: 'batch' | 'row';
    reason: string;
    from_seq: string | null;
    to_seq: string | null;
    missing: string | null;
    previous_epoch: string | null;
    at: string;
    received_at: string;
  }>(
    ctx,
    filter.unitId,
    sql`SELECT lane, epoch, seq, source, reason, from_seq, to_seq, missing, previous_epoch, at, received_at FROM stream_gaps
      WHERE tenant_id = ${ctx.actor.tenantId} AND unit_id = ${filter.unitId} AND ${between(sql`received_at`, filter)}
        AND ${after ? sql`(received_at, lane, epoch, seq) < (${after[0]}::timestamptz, ${after[1]}, ${after[2]}, ${after[3]}::bigint)` : sql`true`}
      ORDER BY received_at DESC, lane DESC, epoch DESC, seq DESC LIMIT ${filter.limit + 1}`,
  );
  return toPage(rows, filter.limit, {
    item: (row) => ({
      ...{ lane: row.lane, epoch: row.epoch, reason: row.reason, source: row.source },
      ...{ fromSeq: number(row.from_seq), toSeq: number(row.to_seq), count: number(row.missing) },
      ...{ previousEpoch: row.previous_epoch, at: instantText(row.at), receivedAt: instantText(row.received_at) },
    }),
    key: (row) => [instantText(row.received_at), row.lane, row.epoch, Number(row.seq)],
  });
};

/** What the unit reported about itself, newest first. */
export const listFaults = async (
  ctx: VerbContext,
  filter: HistoryFilter,
): Promise<Page<z.infer<typeof faultDtoSchema>>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const rows = await rowsOf<{ id: string; at: string; code: string; message: string; context: Row | null }>(
    ctx,
    filter.unitId,
    sql`SELECT id, at, code, message, context FROM unit_faults
      WHERE tenant_id = ${ctx.actor.tenantId} AND unit_id = ${filter.unitId} AND ${between(sql`at`, filter)}
        AND ${after ? sql`(at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql`true`}
      ORDER BY at DESC, id DESC LIMIT ${filter.limit + 1}`,
  );
  return toPage(rows, filter.limit, {
    item: (row) => ({ ...row, at: instantText(row.at) }),
    key: (row) => [instantText(row.at), row.id],
  });
};

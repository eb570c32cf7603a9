import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import type { BundleDto, BundleReport } from '../contract.js';
import { maxReceiptBytesInQr, receiptTextOf } from '../make-receipt.js';

interface Row {
  id: string;
  bundle_id: string;
  unit_id: string;
  unit_name: string;
  hall_id: string;
  sha256: string;
  bytes: string;
  made_at: string;
  imported_at: string;
  imported_by_name: string;
  complete: boolean;
  report: BundleReport;
  /** Null where it is too long for a QR code. */
  receipt: string | null;
}

const read = async (
  ctx: VerbContext,
  where: readonly (SQL | undefined | '' | null)[],
  limit: number,
): Promise<Row[]> => {
  const parts = [
    sql`b.tenant_id = ${ctx.actor.tenantId}`,
    inReach(sql`b.hall_id`, ctx.actor, 'bundle.write'),
    ...where,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const { rows } = (await withTenant(ctx.db, ctx.actor, (tx) =>
    tx.execute(sql`SELECT b.id, b.bundle_id, b.unit_id, u.name AS unit_name, b.hall_id, encode(b.sha256, 'hex') AS sha256, b.bytes, b.made_at, b.imported_at,
      b.imported_by_name, b.complete, b.report, CASE WHEN octet_length(b.receipt) <= ${maxReceiptBytesInQr} THEN b.receipt END AS receipt FROM bundles b JOIN units u ON u.tenant_id = b.tenant_id AND u.id = b.unit_id
      WHERE ${sql.join(parts, sql` AND `)} ORDER BY b.imported_at DESC, b.id DESC LIMIT ${limit}`),
  )) as unknown as { rows: Row[] };
  return rows;
};

/** Newest first. */
export const listBundles = async (
  ctx: VerbContext,
  filter: PageQuery & { readonly unitId?: string | undefined },
): Promise<Page<BundleDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const rows = await read(
    ctx,
    [
      filter.unitId && sql`b.unit_id = ${filter.unitId}`,
      after && sql`(b.imported_at, b.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
    ],
    filter.limit + 1,
  );
  return toPage(rows.map(toDto), filter.limit, { item: (dto) => dto, key: (dto) => [dto.importedAt, dto.id] });
};

const one = async (ctx: VerbContext, bundleId: string): Promise<Row> => {
  const [row] = await read(ctx, [sql`b.id = ${bundleId}`], 1);
  if (!row) throw new HubError('not_found', 'There is no such bundle');
  ctx.actor.require('bundle.write', { hallId: row.hall_id });
  return row;
};

export const getBundle = async (ctx: VerbContext, { bundleId }: { readonly bundleId: string }): Promise<BundleDto> =>
  toDto(await one(ctx, bundleId));

/** As it was made at the import; what it says stays true, however late it comes back. */
export const readBundleReceipt = async (ctx: VerbContext, { bundleId }: { readonly bundleId: string }) => {
  const { unit_id: unitId } = await one(ctx, bundleId);
  const { rows } = (await withTenant(ctx.db, ctx.actor, (tx) =>
    tx.execute(sql`SELECT receipt FROM bundles WHERE tenant_id = ${ctx.actor.tenantId} AND id = ${bundleId}`),
  )) as unknown as { rows: { receipt: string }[] };
  return { receipt: rows[0]?.receipt ?? '', unitId };
};

const toDto = (row: Row): BundleDto => ({
  ...{ id: row.id, bundleId: row.bundle_id, unitId: row.unit_id, unitName: row.unit_name, hallId: row.hall_id },
  ...{ sha256: row.sha256, bytes: Number(row.bytes), importedBy: row.imported_by_name, complete: row.complete },
  ...{ madeAt: instantText(row.made_at), importedAt: instantText(row.imported_at), report: row.report },
  receiptText: row.receipt === null ? null : receiptTextOf(row.receipt),
});

import { HubError } from '@hallhub/shared';
import { noFigures, type ProofFigures, type ProofVerdict, type SignedReport } from '@hallhub/shared/proof';
import { z } from 'zod';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import type { DocumentSignature } from '../../pki/pki-port.js';
import type { ReportDto } from '../contract.js';
import { worstVerdict } from '../read-days.js';

interface ReportRow {
  id: string;
  month: string;
  made_at: Date;
  made_by_name: string;
  totals: { units: number; verdicts: ProofVerdict[]; figures: ProofFigures };
  sha256: string;
  bytes: number;
}

const columns = `id, month, made_at, made_by_name, totals, encode(sha256, 'hex') AS sha256, octet_length(document) AS bytes`;

const toDto = (row: ReportRow): ReportDto => ({
  id: row.id,
  month: row.month,
  madeAt: instantText(row.made_at),
  madeBy: row.made_by_name,
  units: row.totals.units,
  verdict: worstVerdict(row.totals.verdicts),
  // Reports of older versions say nothing of quarantine.
  totals: { ...noFigures, ...row.totals.figures },
  sha256: row.sha256,
  bytes: row.bytes,
});

/** Within `withTenant`. */
export const reportById = async (tx: Tx, id: string): Promise<ReportDto> => {
  const { rows } = await tx.$client.query<ReportRow>(`SELECT ${columns} FROM proof_reports WHERE id = $1`, [id]);
  if (!rows[0]) throw new HubError('not_found', 'There is no such report');
  return toDto(rows[0]);
};

/** Newest first. */
export const listReports = async (ctx: VerbContext, filter: PageQuery): Promise<Page<ReportDto>> => {
  ctx.actor.require('proof.read', 'tenant');
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const rows = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) =>
      (
        await tx.$client.query<ReportRow>(
          `SELECT ${columns} FROM proof_reports WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (made_at, id) < ($2, $3::uuid))
           ORDER BY made_at DESC, id DESC LIMIT $4`,
          [ctx.actor.tenantId, after?.[0] ?? null, after?.[1] ?? null, filter.limit + 1],
        )
      ).rows,
  );
  return toPage(rows.map(toDto), filter.limit, { item: (dto) => dto, key: (dto) => [dto.madeAt, dto.id] });
};

/** The signed bytes, exactly, and the signature over them. */
export const readReport = (
  ctx: VerbContext,
  { reportId }: { readonly reportId: string },
): Promise<{ readonly document: Buffer; readonly signature: DocumentSignature; readonly month: string }> => {
  ctx.actor.require('proof.read', 'tenant');
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const { rows } = await tx.$client.query<{ document: Buffer; signature: DocumentSignature; month: string }>(
      'SELECT document, signature, month FROM proof_reports WHERE tenant_id = $1 AND id = $2',
      [ctx.actor.tenantId, reportId],
    );
    if (!rows[0]) throw new HubError('not_found', 'There is no such report');
    return rows[0];
  });
};

export const asSignedReport = (report: { document: Buffer; signature: DocumentSignature }): SignedReport => ({
  v: 1,
  kind: 'hallhub.signed-proof-report',
  document: report.document.toString('utf8'),
  signature: { ...report.signature, certificates: [...report.signature.certificates] },
});

import { createHash } from 'node:crypto';
import { HubError, uuidv7 } from '@hallhub/shared';
import { canonicalJson, type ProofReport, sumFigures } from '@hallhub/shared/proof';
import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { Pki } from '../../pki/pki-port.js';
import type { ReportDto } from '../contract.js';
import { digestOfHours, toHourDtos } from '../hours-digest.js';
import { readProofUnits } from '../proof-units.js';
import { readDays } from '../read-days.js';
import { reportById } from './read-reports.js';

export interface ReportDeps {
  readonly pki: Pick<Pki, 'sign'>;
  readonly software: string;
}

const maxUnits = 5_000;

/** The month of every unit of the tenant, signed by the cloud. Needs the right over the whole tenant. */
export const makeReport = async (
  ctx: VerbContext,
  deps: ReportDeps,
  { month }: { readonly month: string },
): Promise<ReportDto> => {
  ctx.actor.require('proof.read', 'tenant');
  const nowMs = ctx.clock.now();
  const from = `${month}-01`;
  if (Date.parse(from) > nowMs + 86_400_000) {
    const message = 'That month has not begun';
    throw new HubError('invalid_input', message, { context: { errors: [{ path: 'body.month', message }] } });
  }
  const id = uuidv7(nowMs);
  const report = await withTenant(ctx.db, ctx.actor, (tx) => collect(tx, ctx, { id, month, nowMs, deps }), {
    isolation: 'repeatable read',
    readOnly: true,
  });
  const document = Buffer.from(canonicalJson(report), 'utf8');
  const signature = await deps.pki.sign(document);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await tx.$client.query(
      `INSERT INTO proof_reports (id, tenant_id, month, made_at, made_by_name, totals, sha256, document, signature)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        ...[id, ctx.actor.tenantId, month, new Date(nowMs), ctx.actor.userName, JSON.stringify(summaryOf(report))],
        ...[createHash('sha256').update(document).digest(), document, JSON.stringify(signature)],
      ],
    );
    await audit(tx, ctx, {
      action: 'proof.report_made',
      target: { kind: 'proof_report', id, name: month },
      after: { month, units: report.units.length },
    });
    return reportById(tx, id);
  });
};

export const summaryOf = (report: ProofReport) => ({
  units: report.units.length,
  verdicts: [...new Set(report.units.flatMap(({ days }) => days.map(({ verdict }) => verdict)))],
  figures: report.totals,
});

const collect = async (
  tx: Parameters<typeof readDays>[0],
  ctx: VerbContext,
  of: { readonly id: string; readonly month: string; readonly nowMs: number; readonly deps: ReportDeps },
): Promise<ProofReport> => {
  const { tenantId } = ctx.actor;
  const from = `${of.month}-01`;
  const to = lastDayOf(of.month);
  const { rows } = await tx.$client.query<{ name: string }>('SELECT name FROM tenants WHERE id = $1', [tenantId]);
  const units = await readProofUnits(tx, { tenantId, where: sql`true`, limit: maxUnits + 1 });
  if (units.length > maxUnits) throw new HubError('too_large', `A report holds at most ${maxUnits} units`);
  const read = await readDays(tx, { tenantId, units, from, to });
  const listed = units.map((unit) => {
    const days = (read.get(unit.unitId) ?? [])
      .filter(({ hours, notes }) => hours.length > 0 || notes.length > 0)
      .map(({ day, verdict, figures, hours }) => ({
        day,
        verdict,
        figures,
        hoursSha256: digestOfHours(toHourDtos(hours)),
      }));
    return { ...unit, totals: sumFigures(days.map(({ figures }) => figures)), days };
  });
  const withRows = listed.filter(({ days }) => days.length > 0);
  return {
    v: 1,
    kind: 'hallhub.proof-report',
    id: of.id,
    tenant: { id: tenantId, name: rows[0]?.name ?? '' },
    month: of.month,
    madeAt: of.nowMs,
    software: of.deps.software,
    totals: sumFigures(withRows.map(({ totals }) => totals)),
    units: withRows,
  };
};

const lastDayOf = (month: string): string => {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
};

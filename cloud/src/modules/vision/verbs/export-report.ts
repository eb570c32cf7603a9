import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { ReportQuery, RunReport } from '../report/report-contract.js';
import { makeRunReport, mostFindings } from './run-report.js';

/** A report that leaves the house: that it did stands in the trail before the first byte. */
export const exportRunReport = async (
  ctx: VerbContext,
  { format, ...query }: ReportQuery & { readonly format: 'pdf' | 'xlsx' },
): Promise<RunReport> => {
  const report = await makeRunReport(ctx, query, format === 'xlsx' ? { limit: mostFindings } : {});
  await withTenant(ctx.db, ctx.actor, (tx) =>
    audit(tx, ctx, {
      action: 'vision.report_exported',
      target: { kind: 'report', id: null, name: query.period },
      hallId: query.hallId ?? null,
      after: { ...query, format, findings: report.totals.findings },
    }),
  );
  return report;
};

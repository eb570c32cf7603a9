import type { VisionRule } from '@hallhub/shared/vision';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import type { CameraDocument } from '../contract.js';
import type { Decision } from '../decisions.js';
import type { RulePrecision } from '../review-contract.js';
import { suggestThreshold, wilsonInterval } from '../suggest-threshold.js';
import { belowRegion } from './camera-set-up.js';

export interface PrecisionFilter {
  readonly hallId?: string | undefined;
  readonly regionId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface RuleRecord {
  device_id: string;
  rule_id: string;
  device_name: string;
  hall_name: string;
  rule_name: string;
  algorithm: string;
  experimental: boolean;
  findings: number;
  decided: { d: Decision; c: number | null }[] | null;
}

const mostRules = 500;
/** Of each rule the newest so many decisions count: thresholds are about how it is now. */
const mostDecisions = 2_000;

/** How right each rule was, by what reviewers said of its findings; the ones with most decisions first. */
export const listPrecision = async (ctx: VerbContext, filter: PrecisionFilter): Promise<{ items: RulePrecision[] }> => {
  const { tenantId } = ctx.actor;
  const where = [
    inReach(sql`f.hall_id`, ctx.actor, 'vision.read') ?? sql`true`,
    filter.hallId && sql`f.hall_id = ${filter.hallId}`,
    filter.regionId &&
      sql`f.hall_id IN (SELECT h.id FROM halls h WHERE h.tenant_id = ${tenantId} AND ${belowRegion(filter.regionId)})`,
    filter.deviceId && sql`f.device_id = ${filter.deviceId}`,
    filter.from && sql`f.started_at >= ${filter.from}::timestamptz`,
    filter.to && sql`f.started_at < ${filter.to}::timestamptz`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const { records, rules } = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = (await tx.execute(sql`
        SELECT g.*, ${shownName} AS device_name, h.name AS hall_name FROM (
          SELECT n.tenant_id, n.device_id, n.rule_id, (array_agg(n.rule_name ORDER BY n.started_at DESC))[1] AS rule_name,
            (array_agg(n.algorithm ORDER BY n.started_at DESC))[1] AS algorithm, bool_or(n.experimental) AS experimental, count(*)::int AS findings,
            json_agg(json_build_object('d', n.decision, 'c', n.confidence)) FILTER (WHERE n.decision IS NOT NULL AND n.nth <= ${mostDecisions}) AS decided
          FROM (SELECT f.tenant_id, f.device_id, f.rule_id, f.rule_name, f.algorithm, f.experimental, f.decision, f.confidence, f.started_at, row_number() OVER (PARTITION BY f.device_id, f.rule_id ORDER BY f.decided_at DESC NULLS LAST) AS nth FROM review_findings f
            WHERE f.tenant_id = ${tenantId} AND ${sql.join(where, sql` AND `)}) n
          GROUP BY n.tenant_id, n.device_id, n.rule_id ORDER BY count(n.decision) DESC, count(*) DESC, n.rule_id LIMIT ${mostRules}) g
        JOIN devices d ON d.tenant_id = g.tenant_id AND d.id = g.device_id JOIN halls h ON h.id = d.hall_id`)) as unknown as {
        rows: RuleRecord[];
      };
      const found = await tx.$client.query<{ device_id: string; document: CameraDocument }>(
        'SELECT device_id, document FROM camera_vision WHERE tenant_id = $1 AND device_id = ANY($2::uuid[])',
        [tenantId, [...new Set(rows.map(({ device_id }) => device_id))]],
      );
      // A rule's id is its camera's alone: a set-up taken from a file may stand at two.
      const set = found.rows.flatMap(({ device_id, document }) =>
        document.views.flatMap((view) => view.rules.map((rule) => [`${device_id} ${rule.id}`, rule] as const)),
      );
      return { records: rows, rules: new Map<string, VisionRule>(set) };
    },
    { readOnly: true },
  );
  const items = records.map((record) => toPrecision(record, rules.get(`${record.device_id} ${record.rule_id}`)));
  return { items: items.sort((a, b) => b.decided - a.decided || b.findings - a.findings) };
};

const toPrecision = (record: RuleRecord, rule: VisionRule | undefined): RulePrecision => {
  const all = record.decided ?? [];
  const count = (decision: Decision) => all.filter(({ d }) => d === decision).length;
  const judged = all.filter(({ d }) => d !== 'duplicate');
  const accepted = count('accepted');
  const interval = wilsonInterval(accepted, judged.length);
  return {
    ...{ ruleId: record.rule_id, name: record.rule_name, algorithm: record.algorithm },
    ...{ experimental: record.experimental, deviceId: record.device_id, deviceName: record.device_name },
    ...{ hallName: record.hall_name, findings: record.findings, decided: judged.length, accepted },
    ...{ belowStandard: count('below_standard'), alreadyLeft: count('already_left'), duplicates: count('duplicate') },
    false: count('false'),
    precision: judged.length === 0 ? null : accepted / judged.length,
    low: interval?.[0] ?? null,
    high: interval?.[1] ?? null,
    minConfidence: rule?.minConfidence ?? null,
    suggestion: suggestThreshold(judged.map(({ d, c }) => ({ wasSo: d !== 'false', confidence: c }))),
  };
};

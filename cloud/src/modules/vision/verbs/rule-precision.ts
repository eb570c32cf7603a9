import type { VisionRule } from '@hallhub/shared/vision';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { shownName } from '../../fleet/read-devices.js';
import { inRegion } from '../../places/in-region.js';
import type { CameraDocument } from '../contract.js';
import { decisions } from '../decisions.js';
import type { RulePrecision } from '../review-contract.js';
import { suggestThreshold, wilsonInterval } from '../suggest-threshold.js';

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
  accepted: number;
  below_standard: number;
  already_left: number;
  duplicate: number;
  false: number;
  /** Confidence of what was so, and of what was not. */
  so: (number | null)[];
  not_so: (number | null)[];
}

const countsOfDecisions = sql.join(
  decisions.map(
    (one) => sql`(count(*) FILTER (WHERE n.decision = ${sql.raw(`'${one}'`)}))::int AS ${sql.identifier(one)}`,
  ),
  sql`, `,
);

const mostRules = 500;
/** Of each rule the newest so many findings that are decided count: thresholds are about how it is now. */
const mostDecisions = 2_000;

/** How right each rule was, by what reviewers said of its findings; the ones with most decisions first. */
export const listPrecision = async (ctx: VerbContext, filter: PrecisionFilter): Promise<{ items: RulePrecision[] }> => {
  const { tenantId } = ctx.actor;
  const where = [
    inReach(sql`f.hall_id`, ctx.actor, 'vision.read') ?? sql`true`,
    filter.hallId && sql`f.hall_id = ${filter.hallId}`,
    filter.regionId &&
      sql`f.hall_id IN (SELECT h.id FROM halls h WHERE h.tenant_id = ${tenantId} AND ${inRegion(sql`h.region_id`, filter.regionId)})`,
    filter.deviceId && sql`f.device_id = ${filter.deviceId}`,
    filter.from && sql`f.started_at >= ${filter.from}::timestamptz`,
    filter.to && sql`f.started_at < ${filter.to}::timestamptz`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const taken = sql.join(where, sql` AND `);
  const ofRule = sql`f.tenant_id = ${tenantId} AND f.device_id = c.device_id AND f.rule_id = c.rule_id AND ${taken}`;
  const { records, rules } = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      // Rules first, from an index alone; then the newest of each: history may be long, what is read of it is not.
      const { rows } = (await tx.execute(sql`
        WITH counted AS MATERIALIZED (
          SELECT f.device_id, f.rule_id, count(*)::int AS findings, count(f.decision) AS decided
          FROM review_findings f WHERE f.tenant_id = ${tenantId} AND ${taken} GROUP BY f.device_id, f.rule_id
          ORDER BY decided DESC, findings DESC, f.rule_id LIMIT ${mostRules})
        SELECT c.device_id, c.rule_id, c.findings, ${shownName} AS device_name, h.name AS hall_name, newest.*, said.*
        FROM counted c JOIN devices d ON d.tenant_id = ${tenantId} AND d.id = c.device_id JOIN halls h ON h.id = d.hall_id,
          LATERAL (SELECT f.rule_name, f.algorithm, f.experimental FROM review_findings f WHERE ${ofRule} ORDER BY f.started_at DESC LIMIT 1) newest,
          LATERAL (SELECT ${countsOfDecisions}, coalesce(json_agg(n.confidence) FILTER (WHERE n.decision NOT IN ('false', 'duplicate')), '[]') AS so,
              coalesce(json_agg(n.confidence) FILTER (WHERE n.decision = 'false'), '[]') AS not_so
            FROM (SELECT f.decision, f.confidence FROM review_findings f WHERE ${ofRule} AND f.decision IS NOT NULL
              ORDER BY f.started_at DESC LIMIT ${mostDecisions}) n) said`)) as unknown as { rows: RuleRecord[] };
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
  const { accepted, below_standard, already_left, duplicate, false: wrong, so, not_so } = record;
  const decided = accepted + below_standard + already_left + wrong;
  const interval = wilsonInterval(accepted, decided);
  return {
    ...{ ruleId: record.rule_id, name: record.rule_name, algorithm: record.algorithm },
    ...{ experimental: record.experimental, deviceId: record.device_id, deviceName: record.device_name },
    ...{ hallName: record.hall_name, findings: record.findings, decided, accepted },
    ...{ belowStandard: below_standard, alreadyLeft: already_left, duplicates: duplicate, false: wrong },
    precision: decided === 0 ? null : accepted / decided,
    low: interval?.[0] ?? null,
    high: interval?.[1] ?? null,
    minConfidence: rule?.minConfidence ?? null,
    suggestion: suggestThreshold([
      ...so.map((confidence) => ({ wasSo: true, confidence })),
      ...not_so.map((confidence) => ({ wasSo: false, confidence })),
    ]),
  };
};

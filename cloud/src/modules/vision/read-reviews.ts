import type { Finding } from '@hallhub/shared/vision';
import type { EvidenceState, Severity } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { inReach } from '../access/in-reach.js';
import type { VerbContext } from '../access/verb-context.js';
import { instantText } from '../fleet/instant-text.js';
import { shownName } from '../fleet/read-devices.js';
import { inRegion } from '../places/in-region.js';
import type { Decision } from './decisions.js';
import type { FindingDto, ReviewFilter, ReviewItem } from './review-contract.js';

export const undoMs = 10 * 60_000;

interface ItemRecord {
  id: string;
  hall_id: string;
  hall_name: string;
  time_zone: string;
  device_id: string;
  device_name: string;
  state: 'open' | 'decided';
  severity: Severity;
  started_at: string;
  last_at: string;
  goes_on: boolean;
  findings: number;
  rules: ReviewItem['rules'];
  number: string;
  decision: Decision | null;
  opinion: string | null;
  duplicate_of: string | null;
  decided_at: string | null;
  decided_by_name: string | null;
  version: number;
}

/** Over `review_items i` alone: a list is read from one index, in its order, and other tables are asked once. */
export const reviewWhere = (ctx: VerbContext, filter: ReviewFilter): SQL => {
  const inIt = (condition: SQL): SQL =>
    sql`EXISTS (SELECT 1 FROM review_findings f WHERE f.tenant_id = i.tenant_id AND f.item_id = i.id AND ${condition})`;
  const parts = [
    inReach(sql`i.hall_id`, ctx.actor, 'vision.read') ?? sql`true`,
    filter.hallId && sql`i.hall_id = ${filter.hallId}`,
    filter.regionId &&
      sql`i.hall_id IN (SELECT h.id FROM halls h WHERE h.tenant_id = ${ctx.actor.tenantId} AND ${inRegion(sql`h.region_id`, filter.regionId)})`,
    filter.deviceId && sql`i.device_id = ${filter.deviceId}`,
    filter.ruleId && sql`${filter.ruleId}::uuid = ANY(i.rule_ids)`,
    filter.algorithm && sql`${filter.algorithm} = ANY(i.algorithms)`,
    filter.severity && sql`i.severity = ${filter.severity}`,
    filter.state && sql`i.state = ${filter.state}`,
    filter.decision && sql`i.decision = ${filter.decision}`,
    filter.opinion && sql`position(lower(${filter.opinion}) in lower(i.opinion)) > 0`,
    filter.number && inIt(sql`f.number = ${plainNumber(filter.number)}`),
    filter.q && anywhere(ctx, filter.q, inIt),
    filter.from && sql`i.started_at >= ${filter.from}::timestamptz`,
    filter.to && sql`i.started_at < ${filter.to}::timestamptz`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  return sql.join(parts, sql` AND `);
};

const likeText = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Words in any of an item's texts; eight letters and figures are a number. */
const anywhere = (ctx: VerbContext, text: string, inIt: (condition: SQL) => SQL): SQL => {
  if (/^[0-9a-z]{4}[ -]?[0-9a-z]{4}$/i.test(text)) return inIt(sql`f.number = ${plainNumber(text)}`);
  const like = likeText(text);
  return sql`(i.words ILIKE ${like} OR i.opinion ILIKE ${like} 
    OR i.device_id = ANY(ARRAY(SELECT d.id FROM devices d WHERE d.tenant_id = ${ctx.actor.tenantId} AND ${shownName} ILIKE ${like})))`;
};

/** As people type it: `7f3k 9qxd` is `7F3K-9QXD`, and letters that look like figures are figures (Crockford). */
export const plainNumber = (typed: string): string => {
  const text = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
  return `${text.slice(0, 4)}-${text.slice(4, 8)}`;
};

export const readItems = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly order: SQL; readonly limit: number },
): Promise<ReviewItem[]> => {
  // The page first, by an index in its order; only then what is in each: else every item that fits is put together.
  const { rows } = (await tx.execute(sql`
    WITH page AS MATERIALIZED (
      SELECT i.tenant_id, i.id FROM review_items i
      WHERE i.tenant_id = ${of.tenantId} AND ${of.where} ORDER BY ${of.order} LIMIT ${of.limit})
    SELECT i.*, h.name AS hall_name, h.time_zone, ${shownName} AS device_name, r.rules,
      (SELECT f.number FROM review_findings f WHERE f.tenant_id = i.tenant_id AND f.item_id = i.id ORDER BY f.started_at, f.id LIMIT 1) AS number
    FROM page p JOIN review_items i ON i.tenant_id = p.tenant_id AND i.id = p.id JOIN halls h ON h.id = i.hall_id
      JOIN devices d ON d.tenant_id = i.tenant_id AND d.id = i.device_id,
      LATERAL (SELECT json_agg(json_build_object('ruleId', g.rule_id, 'name', g.rule_name, 'algorithm', g.algorithm, 'experimental', g.experimental,
        'findings', g.findings) ORDER BY g.first_at, g.rule_name) AS rules
        FROM (SELECT f.rule_id, max(f.rule_name) AS rule_name, max(f.algorithm) AS algorithm, bool_or(f.experimental) AS experimental, count(*)::int AS findings,
          min(f.started_at) AS first_at FROM review_findings f WHERE f.tenant_id = i.tenant_id AND f.item_id = i.id GROUP BY f.rule_id) g) r
    ORDER BY ${of.order}`)) as unknown as {
    rows: ItemRecord[];
  };
  return rows.map(toItem);
};

const toItem = (row: ItemRecord): ReviewItem => ({
  ...{ id: row.id, number: row.number, hallId: row.hall_id, hallName: row.hall_name, timeZone: row.time_zone },
  ...{ deviceId: row.device_id, deviceName: row.device_name, state: row.state, severity: row.severity },
  startedAt: instantText(row.started_at),
  lastAt: instantText(row.last_at),
  ...{ goesOn: row.goes_on, findings: row.findings, rules: row.rules ?? [] },
  ...{ decision: row.decision, opinion: row.opinion, duplicateOf: row.duplicate_of },
  decidedAt: instantText(row.decided_at),
  decidedBy: row.decided_by_name,
  undoUntil: row.decided_at ? new Date(Date.parse(row.decided_at) + undoMs).toISOString() : null,
  version: row.version,
});

export interface FindingRecord {
  id: string;
  item_id: string;
  unit_id: string;
  device_id: string;
  number: string;
  rule_id: string;
  rule_name: string;
  algorithm: string;
  experimental: boolean;
  view_id: string;
  severity: Severity;
  started_at: string;
  ended_at: string | null;
  goes_on: boolean;
  count: string | null;
  detail: string | null;
  confidence: number | null;
  faces: string;
  began: Finding | null;
  ended: Finding | null;
  decision: Decision | null;
}

interface FileRecord {
  id: string;
  unit_id: string;
  state: EvidenceState;
  media_type: string | null;
}

/** Findings of items, oldest first, with what is known of their files. */
export const readFindings = async (
  tx: Tx,
  { tenantId, itemIds }: { readonly tenantId: string; readonly itemIds: readonly string[] },
): Promise<Map<string, FindingDto[]>> => {
  const { rows } = await tx.$client.query<FindingRecord>(
    `SELECT id, item_id, unit_id, device_id, number, rule_id, rule_name, algorithm, experimental, view_id, severity, started_at, ended_at, goes_on, count,
       detail, confidence, faces, began, ended, decision
     FROM review_findings WHERE tenant_id = $1 AND item_id = ANY($2::uuid[]) ORDER BY started_at, id`,
    [tenantId, itemIds],
  );
  const ids = rows.flatMap((row) => filesOf(row).map(({ id }) => id));
  const files = await tx.$client.query<FileRecord>(
    'SELECT id, unit_id, state, media_type FROM evidence WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    [tenantId, ids],
  );
  const known = new Map(files.rows.map((file) => [file.id, file]));
  const findings = new Map<string, FindingDto[]>();
  for (const row of rows) {
    const dto = toFinding(row, known);
    const others = findings.get(row.item_id);
    if (others) others.push(dto);
    else findings.set(row.item_id, [dto]);
  }
  return findings;
};

export const filesOf = ({ began, ended }: Pick<FindingRecord, 'began' | 'ended'>): Finding['evidence'] => {
  const files = new Map([...(began?.evidence ?? []), ...(ended?.evidence ?? [])].map((file) => [file.id, file]));
  return [...files.values()];
};

const toFinding = (row: FindingRecord, known: ReadonlyMap<string, FileRecord>): FindingDto => {
  const first = row.began ?? row.ended;
  return {
    ...{ id: row.id, number: row.number, ruleId: row.rule_id, ruleName: row.rule_name, algorithm: row.algorithm },
    ...{ experimental: row.experimental, viewId: row.view_id, severity: row.severity },
    startedAt: instantText(row.started_at),
    endedAt: instantText(row.ended_at),
    goesOn: row.goes_on,
    count: row.count === null ? null : Number(row.count),
    ...{ detail: row.detail, confidence: row.confidence, faces: row.faces },
    seen: (first?.seen ?? []).map(({ label, confidence, box }) => ({ label, confidence, box: [...box] })),
    picture: first?.picture ?? null,
    models: first?.models ?? [],
    evidence: filesOf(row).map(({ id, role, bytes }) => {
      const file = known.get(id);
      // A file that another unit has under this id is none of this finding's.
      const own = file?.unit_id === row.unit_id ? file : undefined;
      return { id, role, bytes, state: own?.state ?? 'unknown', mediaType: own?.media_type ?? null };
    }),
    signed: [row.began, row.ended].every((one) => !one || one.seal.signature !== null),
    decision: row.decision,
  };
};

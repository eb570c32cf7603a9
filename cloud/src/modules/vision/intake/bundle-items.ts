import type { Tx } from '../../../db/index.js';

/** Findings of one camera that are no further apart than this are looked at together. */
export const nearMs = 60_000;
const maxFindings = 64;
/** An episode whose end never came (its unit was swapped) is not going on for ever. */
const longestHours = 12;

export interface ItemPlace {
  readonly tenantId: string;
  readonly deviceId: string;
}

/** When an item ends for who asks what lies beside it: what goes on, goes on until now. */
const itemEnd = `greatest(i.last_at, CASE WHEN i.goes_on THEN least($5::timestamptz, i.last_at + interval '${longestHours} hours') ELSE i.last_at END)`;

const isNear = `i.tenant_id = $1 AND i.device_id = $2 AND i.state = 'open' AND i.findings < ${maxFindings}
  AND i.started_at <= $4::timestamptz + interval '${nearMs} ms' AND ${itemEnd} >= $3::timestamptz - interval '${nearMs} ms'`;

export interface Span {
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly now: Date;
}

/** The oldest item nobody has decided that the span overlaps or comes near to. */
export const findNearItem = async (
  tx: Tx,
  { tenantId, deviceId }: ItemPlace,
  span: Span,
): Promise<string | undefined> => {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT i.id FROM review_items i WHERE ${isNear} ORDER BY i.id LIMIT 1 FOR UPDATE`,
    [tenantId, deviceId, span.startedAt, span.endedAt, span.now],
  );
  return rows[0]?.id;
};

const refresh = `UPDATE review_items i SET findings = f.findings, started_at = f.started_at, last_at = f.last_at, goes_on = f.goes_on, severity = f.severity, words = f.words,
    algorithms = f.algorithms, rule_ids = f.rule_ids,
    version = i.version + CASE WHEN i.findings <> f.findings THEN 1 ELSE 0 END
  FROM (SELECT count(*)::int AS findings, min(started_at) AS started_at, max(greatest(started_at, ended_at)) AS last_at, bool_or(goes_on) AS goes_on,
    left(string_agg(DISTINCT concat_ws(' ', rule_name, detail), ' '), 4000) AS words, array_agg(DISTINCT algorithm) AS algorithms, array_agg(DISTINCT rule_id) AS rule_ids,
    (ARRAY['info', 'notice', 'warning', 'critical'])[max(array_position(ARRAY['info', 'notice', 'warning', 'critical'], severity))] AS severity
    FROM review_findings WHERE tenant_id = $1 AND item_id = $2) f
  WHERE i.tenant_id = $1 AND i.id = $2 RETURNING i.started_at, i.last_at, i.goes_on, i.state`;

interface Refreshed {
  started_at: Date;
  last_at: Date;
  goes_on: boolean;
  state: 'open' | 'decided';
}

/**
 * Brings an item up to date with its findings. Where it now reaches others of its camera that nobody decided, they become one: the
 * oldest stays. A new finding raises the version, an end does not: who decides meanwhile has seen all there is to see. Gives the item's id.
 */
export const settleItem = async (tx: Tx, place: ItemPlace, itemId: string, now: Date): Promise<string> => {
  const { tenantId, deviceId } = place;
  let kept = itemId;
  for (;;) {
    const { rows } = await tx.$client.query<Refreshed>(refresh, [tenantId, kept]);
    const [item] = rows;
    if (!item || item.state === 'decided') return kept;
    const end = item.goes_on ? new Date(Math.max(now.getTime(), item.last_at.getTime())) : item.last_at;
    const { rows: near } = await tx.$client.query<{ id: string }>(
      `SELECT i.id FROM review_items i WHERE ${isNear} AND i.id <> $6
         AND i.findings + (SELECT findings FROM review_items WHERE tenant_id = $1 AND id = $6) <= ${maxFindings} ORDER BY i.id LIMIT 1 FOR UPDATE`,
      [tenantId, deviceId, item.started_at, end, now, kept],
    );
    const other = near[0]?.id;
    if (other === undefined) return kept;
    const [stays, goes] = other < kept ? [other, kept] : [kept, other];
    await tx.$client.query('UPDATE review_findings SET item_id = $3 WHERE tenant_id = $1 AND item_id = $2', [
      tenantId,
      goes,
      stays,
    ]);
    await tx.$client.query('DELETE FROM review_items WHERE tenant_id = $1 AND id = $2', [tenantId, goes]);
    kept = stays;
  }
};

/**
 * `seals s` beside its stream and that stream's gaps; $1 is the tenant, $2 the units. For `plainHour`.
 * Bounded by the units, so that both sides are small and looked up in memory.
 */
export const besideSeals = `
  LEFT JOIN (SELECT unit_id, lane, epoch, cursor FROM streams WHERE tenant_id = $1 AND unit_id = ANY($2)) t
    ON t.unit_id = s.unit_id AND t.lane = s.lane AND t.epoch = s.epoch
  LEFT JOIN (SELECT unit_id, lane, epoch, range_agg(int8range(from_seq, to_seq, '[]')) AS gaps FROM stream_gaps
      WHERE tenant_id = $1 AND unit_id = ANY($2) AND source = 'batch' GROUP BY 1, 2, 3) g
    ON g.unit_id = s.unit_id AND g.lane = s.lane AND g.epoch = s.epoch`;

/**
 * An hour about which both ends say the same, all of it committed and without a gap: `hourProof` finds it `equal`, with nothing
 * lost, twice, thinned or on the way. All but a few are; false or null for the others.
 */
export const plainHour = `(s.unit_chain = s.cloud_chain AND s.unit_first = s.cloud_first AND s.unit_last = s.cloud_last
  AND s.unit_count = s.cloud_count AND s.unit_count = s.unit_last - s.unit_first + 1 AND t.cursor >= s.unit_last
  AND (g.gaps IS NULL OR NOT g.gaps && int8range(s.unit_first, s.unit_last, '[]')))`;

/**
 * The one definition of an hour's numbers, for roll-ups and for hours read before they are rolled up: numbers and
 * booleans that are not of bad quality; first and last by time, ties by value.
 */
export const aggregateColumns = `count(*)::int AS count, min(s.number) AS min, max(s.number) AS max, sum(s.number) AS sum,
  (array_agg(s.number ORDER BY s.at, s.number))[1] AS first, (array_agg(s.number ORDER BY s.at DESC, s.number DESC))[1] AS last`;

export const aggregateFilter = `s.number IS NOT NULL AND s.quality < 2`;

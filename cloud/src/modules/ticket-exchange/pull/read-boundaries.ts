import { uuidPattern } from '@hallhub/shared';
import { withTenant } from '../../../db/index.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import { Refused } from '../receive/refused.js';
import type { ChannelRow } from '../tables.js';

const pageSize = 200;
type LonLat = readonly [lon: number, lat: number];

interface Row {
  id: string;
  purpose: string | null;
  name: string | null;
  polygon: readonly LonLat[] | null;
  office_code: string;
  office_name: string;
  hall: string | null;
  region: string | null;
}

/** Which office has which area, as GeoJSON (RFC 7946), by pages. */
export const readBoundaries = async (
  { database }: ExchangeDeps,
  channel: ChannelRow,
  after: string | null,
): Promise<object> => {
  if (after !== null && !uuidPattern.test(after)) throw new Refused('invalid', 'after is not one that was given out');
  const { rows } = await withTenant(
    database,
    channel,
    (tx) =>
      tx.$client.query<Row>(
        `SELECT a.id, a.purpose, a.name, a.polygon, o.code AS office_code, o.name AS office_name, h.code AS hall, r.code AS region
         FROM office_areas a JOIN offices o ON o.tenant_id = a.tenant_id AND o.id = a.office_id AND o.archived_at IS NULL
         LEFT JOIN halls h ON h.tenant_id = a.tenant_id AND h.id = a.hall_id
         LEFT JOIN regions r ON r.tenant_id = a.tenant_id AND r.id = a.region_id
         WHERE a.tenant_id = $1 AND ($2::uuid IS NULL OR a.id > $2) ORDER BY a.id LIMIT ${pageSize + 1}`,
        [channel.tenantId, after],
      ),
    { readOnly: true },
  );
  const shown = rows.slice(0, pageSize);
  return {
    ...{ v: 1, type: 'FeatureCollection', features: shown.map(featureOf) },
    next: rows.length > pageSize ? (shown.at(-1)?.id ?? null) : null,
  };
};

const featureOf = ({ id, polygon, office_code, office_name, name, purpose, hall, region }: Row) => ({
  ...{ type: 'Feature', id },
  geometry: polygon === null ? null : { type: 'Polygon', coordinates: [ringOf(polygon)] },
  properties: { office: { code: office_code, name: office_name }, name, purpose, hall, region },
});

/** Closed, and counter-clockwise, as an outer ring has to be (3.1.6). */
const ringOf = (polygon: readonly LonLat[]): readonly LonLat[] => {
  const [first] = polygon;
  const last = polygon.at(-1);
  if (!first || !last) return [];
  const open = first[0] === last[0] && first[1] === last[1] ? polygon.slice(0, -1) : polygon;
  const twice = open.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = open[(i + 1) % open.length] ?? first;
    return sum + x * nextY - nextX * y;
  }, 0);
  const turned = twice < 0 ? open.toReversed() : open;
  return [...turned, turned[0] ?? first];
};

import { HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';

export const mapTilesSchema = z.object({
  url: z.string().describe('Of a tile, with {z}, {x} and {y}'),
  attribution: z.string().describe('What the server of the tiles wants to be read on each map'),
  maxZoom: z.int(),
  coordinates: z.enum(['wgs84', 'gcj02']).describe('What the tiles are drawn in'),
});
export type MapTiles = z.infer<typeof mapTilesSchema>;

/** What an operator may set; without a URL there is no map, and places are drawn as a schematic. */
export const mapEnvShape = {
  HALLHUB_MAP_TILES: z.string().optional(),
  HALLHUB_MAP_ATTRIBUTION: z.string().trim().max(200).optional(),
  HALLHUB_MAP_MAX_ZOOM: z.coerce.number().int().min(1).max(22).default(18),
  HALLHUB_MAP_COORDINATES: z.enum(['wgs84', 'gcj02']).default('wgs84'),
};
const mapEnvSchema = z.object(mapEnvShape);

const wrong = (message: string, hint: string) =>
  new HubError('configuration', `HALLHUB_MAP_TILES: ${message}`, { hint });

/** Checked. Errors: `configuration`. */
export const mapTilesOf = (env: z.output<typeof mapEnvSchema>): MapTiles | null => {
  const { HALLHUB_MAP_TILES: url, HALLHUB_MAP_ATTRIBUTION: attribution } = env;
  if (url === undefined) return null;
  for (const part of ['{z}', '{x}', '{y}'])
    if (!url.includes(part)) throw wrong(`has no ${part}`, 'Such as https://tiles.example.org/{z}/{x}/{y}.png');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || parsed.username !== '' || parsed.host.includes('{'))
    throw wrong(
      'must be a URL with http: or https:, one host and no user',
      'The host goes into the content security policy.',
    );
  if (!attribution) throw wrong('needs HALLHUB_MAP_ATTRIBUTION', 'Say whose map it is; their terms ask for it.');
  return {
    ...{ url, attribution, maxZoom: env.HALLHUB_MAP_MAX_ZOOM },
    coordinates: env.HALLHUB_MAP_COORDINATES,
  };
};

/** The one host that the console may get pictures from. */
export const tileOrigin = (tiles: MapTiles | null): string | undefined =>
  tiles === null ? undefined : new URL(tiles.url).origin;

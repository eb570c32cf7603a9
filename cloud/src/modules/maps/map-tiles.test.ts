import t from 'tap';
import { readConfig } from '../../config/read-config.js';
import { securityHeaders } from '../../http/security-headers.js';
import { tileOrigin } from './map-tiles.js';

const url = 'https://tiles.example.org:8443/{z}/{x}/{y}.png?key=k';
const tilesOf = (env: Record<string, string>) => readConfig([], env).mapTiles;

t.test('tiles are set by their address and whose they are', async (t) => {
  t.equal(tilesOf({}), null);
  const tiles = tilesOf({ HALLHUB_MAP_TILES: url, HALLHUB_MAP_ATTRIBUTION: '© 示例地图' });
  t.same(tiles, { url, attribution: '© 示例地图', maxZoom: 18, coordinates: 'wgs84' });
  t.equal(tileOrigin(tiles), 'https://tiles.example.org:8443');
  const wrong = {
    'no place for the column': 'https://tiles.example.org/{z}/{y}.png',
    'a host that changes': 'https://{z}.example.org/{x}/{y}.png',
    'a script': 'javascript:alert("{z}{x}{y}")',
    'a password': 'https://user:secret@tiles.example.org/{z}/{x}/{y}.png',
    'another directive': 'https://tiles.example.org; script-src */{z}/{x}/{y}.png',
  };
  for (const [why, HALLHUB_MAP_TILES] of Object.entries(wrong)) {
    const message = t.throws(
      () => tilesOf({ HALLHUB_MAP_TILES, HALLHUB_MAP_ATTRIBUTION: '©' }),
      { code: 'configuration' },
      why,
    );
    t.notMatch(String(message), 'secret');
  }
  t.throws(() => tilesOf({ HALLHUB_MAP_TILES: url }), /HALLHUB_MAP_ATTRIBUTION/);
});

t.test('pictures come from that host and from no other', async (t) => {
  const policyWith = async (pictures: string | undefined): Promise<string> => {
    const headers = new Headers();
    const c = { res: { headers } } as unknown as Parameters<ReturnType<typeof securityHeaders>>[0];
    await securityHeaders({ https: false, pictures })(c, async () => undefined);
    return headers.get('content-security-policy') ?? '';
  };
  t.match(await policyWith(undefined), "img-src 'self' data: blob:;");
  t.match(await policyWith('https://tiles.example.org'), "img-src 'self' data: blob: https://tiles.example.org;");
});

import t from 'tap';
import { fromPixel, tilesAround, toGcj02, toPixel, zoomFor } from './tile-math.js';

const hangzhou = { lon: 120.1551, lat: 30.2741 };

t.test('places become pixels of the world and come back', async (t) => {
  t.same(toPixel({ lon: 0, lat: 0 }, 0), { x: 128, y: 128 });
  for (const zoom of [3, 11, 18]) {
    const back = fromPixel(toPixel(hangzhou, zoom), zoom);
    t.ok(Math.abs(back.lon - hangzhou.lon) < 1e-9 && Math.abs(back.lat - hangzhou.lat) < 1e-9);
  }
  // As https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames computes them.
  const { x, y } = toPixel({ lon: 139.7006793, lat: 35.6590699 }, 18);
  t.same([Math.floor(x / 256), Math.floor(y / 256)], [232_798, 103_246]);
});

t.test('tiles cover the window, repeat round the world, and end at the poles', async (t) => {
  const window = { zoom: 16, width: 480, height: 220 };
  const tiles = tilesAround('https://t/{z}/{x}/{y}.png', hangzhou, window);
  for (const [px, py] of [
    [0, 0],
    [479, 219],
    [240, 110],
  ] as const)
    t.ok(
      tiles.some(({ x, y }) => px >= x && px < x + 256 && py >= y && py < y + 256),
      `${px} ${py}`,
    );
  t.match(tiles[0]?.url, /^https:\/\/t\/16\/\d+\/\d+\.png$/);
  const edge = tilesAround('{z}/{x}/{y}', { lon: 179.99, lat: 85 }, { ...window, zoom: 2 });
  t.ok(
    edge.every(({ url }) => /^2\/[0-3]\/[0-3]$/.test(url)),
    'only tiles that there are',
  );
});

t.test('a zoom that shows all of them', async (t) => {
  const near = { lon: hangzhou.lon + 0.02, lat: hangzhou.lat };
  const zoom = zoomFor([hangzhou, near], { width: 480, height: 220, most: 18 });
  t.ok(zoom >= 12 && zoom <= 14, String(zoom));
  t.equal(zoomFor([hangzhou], { width: 480, height: 220, most: 14 }), 14);
});

t.test('GCJ-02: some hundred metres off within China, nothing elsewhere', async (t) => {
  // 39.915, 116.404 is given as 39.91640428150164, 116.41024449916938 by public conversion tables.
  const beijing = toGcj02({ lon: 116.404, lat: 39.915 });
  t.ok(
    Math.abs(beijing.lon - 116.410244499) < 1e-7 && Math.abs(beijing.lat - 39.916404281) < 1e-7,
    JSON.stringify(beijing),
  );
  t.same(toGcj02({ lon: 2.35, lat: 48.85 }), { lon: 2.35, lat: 48.85 });
});

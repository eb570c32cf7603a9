import fc from 'fast-check';
import t from 'tap';
import { tinyDescription, tinyOnnx } from '../models/__fixtures__/tiny-model.js';
import { ownCardSchema } from '../models/model-card.js';
import type { FaceFinder } from './detector.js';
import { openModel } from './model-runner.js';
import { tilesOf, toWhole } from './tiles.js';

const picture = (width: number, height: number) => ({
  ...{ width, height },
  rgb: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7) & 255),
});

t.test('tiles lie in the picture, cover all of it, and hold its pixels', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 200 }), fc.integer({ min: 16, max: 200 }), (width, height) => {
      const whole = picture(width, height);
      const tiles = tilesOf(whole, 32, 24);
      if (tiles.length === 0) return Math.min(width, height) < 48;
      const covered = new Uint8Array(width * height);
      for (const tile of tiles) {
        if (tile.left + tile.width > width || tile.top + tile.height > height) return false;
        const at = ((tile.top + 3) * width + tile.left + 5) * 3;
        if (tile.rgb[(3 * tile.width + 5) * 3] !== whole.rgb[at]) return false;
        for (let y = 0; y < tile.height; y++) {
          covered.fill(1, (tile.top + y) * width + tile.left, (tile.top + y) * width + tile.left + tile.width);
        }
      }
      return covered.every(Boolean) && tiles.length <= 24;
    }),
    { numRuns: 60 },
  );
});

t.test('many small ones become fewer larger ones; a small picture has none', async (t) => {
  t.same(tilesOf(picture(40, 30), 32, 24), []);
  const tiles = tilesOf(picture(960, 540), 64, 24);
  t.ok(tiles.length <= 24 && tiles.length >= 12, `${tiles.length}`);
  t.ok((tiles[0]?.width ?? 0) > 64);
});

t.test('a box of a tile is where it is in the whole', async (t) => {
  const tile = { ...picture(50, 50), left: 100, top: 50 };
  t.same(toWhole([0.5, 0, 0.5, 1], tile, { width: 200, height: 100 }), [0.625, 0.5, 0.125, 0.5]);
});

t.test('what is too small in the whole picture is found in a part of it, where it is', async (t) => {
  // The tiny detector of red cells stands in for a face model: how boxes are read is another matter.
  const card = { ...ownCardSchema.parse(tinyDescription), role: 'face' as const };
  const onnx = { sha256: '0'.repeat(64), bytes: 1 };
  await using finder = (await openModel(tinyOnnx(), { ...card, rank: 0, onnx })) as FaceFinder;
  const [width, height] = [256, 192];
  const rgb = new Uint8Array(width * height * 3).fill(90);
  // 16 x 16 pixels: whatever part they lie in, a whole cell of 8 x 8 is red there.
  for (let i = 0; i < 256; i++) rgb.set([255, 0, 0], ((64 + (i >> 4)) * width + 64 + (i & 15)) * 3);
  const faces = await finder.find({ width, height, rgb });
  t.ok(faces.length > 0);
  for (const { box } of faces) {
    const [left, top] = [box[0] * width, box[1] * height];
    t.ok(left >= 56 && top >= 56 && left + box[2] * width <= 88 && top + box[3] * height <= 88, `${left}, ${top}`);
  }
});

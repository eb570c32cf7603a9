import fc from 'fast-check';
import sharp from 'sharp';
import t from 'tap';
import type { ModelInput } from '../models/model-card.js';
import { testPicture } from '../models/parity/test-picture.js';
import { Letterbox, placePicture, pointToPicture, toPicture } from './letterbox.js';

const input: ModelInput = {
  ...{ name: 'x', width: 64, height: 48, layout: 'nhwc', type: 'float32', colours: 'rgb' },
  ...{ mean: [0, 0, 0], std: [1, 1, 1], fit: 'letterbox', place: 'centre', fill: 9 },
};

const even = (width: number, height: number, colour: readonly number[]) => ({
  ...{ width, height },
  rgb: Uint8Array.from({ length: width * height * 3 }, (_, i) => colour[i % 3] as number),
});

t.test('a place in the picture comes back from the input to where it was', async () => {
  const size = fc.integer({ min: 1, max: 5_000 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({ width: size, height: size }),
      fc.record({ width: fc.integer({ min: 16, max: 1_024 }), height: fc.integer({ min: 16, max: 1_024 }) }),
      fc.constantFrom('letterbox' as const, 'stretch' as const),
      fc.constantFrom('centre' as const, 'corner' as const),
      fc.tuple(share, share, share, share),
      (picture, model, fit, place, [a, b, c, d]) => {
        const at = placePicture(picture, { ...model, fit, place });
        const [x, y, width, height] = [Math.min(a, c), Math.min(b, d), Math.abs(a - c), Math.abs(b - d)];
        const left = at.left + x * at.width;
        const top = at.top + y * at.height;
        const box = toPicture([left, top, left + width * at.width, top + height * at.height], at);
        const point = pointToPicture(left, top, at);
        const isInside =
          at.left >= 0 && at.top >= 0 && at.left + at.width <= model.width && at.top + at.height <= model.height;
        return (
          isInside &&
          [x, y, width, height].every((value, i) => Math.abs(value - (box[i] as number)) < 1e-6) &&
          Math.abs(point.x - x) < 1e-6 &&
          Math.abs(point.y - y) < 1e-6
        );
      },
    ),
  );
});

t.test('a box never leaves the picture', async () => {
  const any = fc.double({ min: -5_000, max: 5_000, noNaN: true });
  fc.assert(
    fc.property(any, any, any, any, (a, b, c, d) => {
      const at = placePicture({ width: 640, height: 360 }, input);
      const box = toPicture([Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)], at);
      return (
        box.every((value) => value >= 0 && value <= 1) && box[0] + box[2] <= 1 + 1e-9 && box[1] + box[3] <= 1 + 1e-9
      );
    }),
  );
});

t.test('one colour stays one colour, in the model’s order and scale; the frame is the fill', async (t) => {
  const colour = [200, 100, 50];
  for (const [width, height] of [
    [64, 24],
    [10, 5],
    [1_000, 500],
    [641, 321],
  ] as const) {
    const box = new Letterbox({ ...input, colours: 'bgr', mean: [10, 20, 30], std: [2, 4, 5] });
    const at = box.put(even(width, height, colour));
    t.equal(at.width, 64, `${width} x ${height}`);
    const pixel = (x: number, y: number) => [...box.data.slice((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
    for (const [x, y] of [
      [0, at.top],
      [63, at.top + at.height - 1],
      [31, at.top + 3],
    ] as const) {
      const near = pixel(x, y).every((value, i) => Math.abs(value - ([20, 20, 34][i] as number)) < 1e-3);
      t.ok(near, `${pixel(x, y)}`);
    }
    t.same(pixel(5, 0), [(9 - 10) / 2, (9 - 20) / 4, Math.fround((9 - 30) / 5)]);
  }
});

t.test('channels-first and whole-number inputs hold the same numbers', async (t) => {
  const picture = testPicture(64, 48);
  const plain = new Letterbox({ ...input, type: 'uint8' });
  plain.put(picture);
  t.same(plain.data, picture.rgb, 'a picture of the right size is not touched');
  const whole = new Letterbox({ ...input, type: 'int32' });
  whole.put(picture);
  t.same([...whole.data], [...picture.rgb]);
  const planes = new Letterbox({ ...input, layout: 'nchw', colours: 'bgr' });
  planes.put(picture);
  const back = picture.rgb.map((_, i) => planes.data[(2 - (i % 3)) * 64 * 48 + Math.floor(i / 3)] as number);
  t.same(back, picture.rgb);
});

t.test('a wide picture after a tall one leaves nothing of it behind', async (t) => {
  const box = new Letterbox(input);
  box.put(even(10, 48, [255, 255, 255]));
  box.put(even(64, 10, [1, 1, 1]));
  const fresh = new Letterbox(input);
  fresh.put(even(64, 10, [1, 1, 1]));
  t.same(box.data, fresh.data);
});

t.test('scaling is what an independent library makes of it', async (t) => {
  // Smooth, so that the two ways of weighing neighbours differ little.
  const [width, height] = [96, 72];
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return 128 + 100 * Math.sin(x / 15 + (i % 3)) * Math.cos(y / 11);
  });
  const box = new Letterbox({ ...input, type: 'uint8' });
  box.put({ width, height, rgb });
  const raw = { raw: { width, height, channels: 3 as const } };
  const theirs = await sharp(rgb, raw).resize(64, 48, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();
  const differences = Array.from(theirs, (value, i) => Math.abs(value - (box.data[i] as number)));
  t.ok(differences.reduce((sum, one) => sum + one, 0) / differences.length < 1, 'less than one step on average');
  t.ok(Math.max(...differences) <= 6);
});

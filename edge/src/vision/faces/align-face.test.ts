import fc from 'fast-check';
import t from 'tap';
import { place } from './__fixtures__/stand-in-models.js';
import { alignFace, fitSimilarity, warp } from './align-face.js';

t.test('a turn, a scale and a shift are found again from the points they made', async (t) => {
  const number = fc.double({ min: -400, max: 400, noNaN: true });
  const point = fc.tuple(number, number);
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 3, maxLength: 8 }),
      fc.record({
        angle: fc.double({ min: -3, max: 3, noNaN: true }),
        scale: fc.double({ min: 0.1, max: 9, noNaN: true }),
        left: number,
        top: number,
      }),
      (from, { angle, scale, left, top }) => {
        const spread = Math.max(...from.map(([x, y]) => Math.hypot(x - from[0]![0], y - from[0]![1])));
        fc.pre(spread > 1);
        const [a, b] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
        const to = from.map(([x, y]) => [a * x - b * y + left, b * x + a * y + top] as const);
        const fitted = fitSimilarity(from, to);
        for (const [got, wanted] of [
          [fitted.a, a],
          [fitted.b, b],
          [fitted.left, left],
          [fitted.top, top],
        ] as const)
          if (Math.abs(got - wanted) > 1e-6 * (1 + Math.abs(wanted) * 100)) return false;
        return true;
      },
    ),
    { numRuns: 60 },
  );
  t.same(fitSimilarity([[3, 3]], [[5, 6]]), { a: 1, b: 0, left: 2, top: 3 }, 'one point only shifts');
});

t.test('points come where the model wants them, whichever way the head was turned', async (t) => {
  const size = 400;
  const side = 150;
  for (const degrees of [0, 25, -40]) {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const at = ([x, y]: readonly [number, number]): [number, number] => {
      const [u, v] = [(x - 0.5) * 200, (y - 0.5) * 200];
      return [200 + cos * u - sin * v, 200 + sin * u + cos * v];
    };
    const points = {
      rightEye: at(place.rightEye),
      leftEye: at(place.leftEye),
      nose: at(place.nose),
      mouth: at(place.mouth),
    };
    const rgb = new Uint8Array(size * size * 3);
    const mark = ([x, y]: readonly [number, number], colour: number) => {
      for (let dy = -6; dy <= 6; dy++)
        for (let dx = -6; dx <= 6; dx++) rgb[((Math.round(y) + dy) * size + Math.round(x) + dx) * 3 + colour] = 255;
    };
    mark(points.rightEye, 0);
    mark(points.leftEye, 1);
    mark(points.mouth, 2);
    const aligned = alignFace({ width: size, height: size, rgb }, points, { side, place });
    const value = ([x, y]: readonly [number, number], colour: number) =>
      aligned.rgb[(Math.round(y * side) * side + Math.round(x * side)) * 3 + colour] ?? 0;
    t.ok(value(place.rightEye, 0) > 250 && value(place.leftEye, 1) > 250 && value(place.mouth, 2) > 250, `${degrees}°`);
    t.equal(value(place.rightEye, 1), 0);
  }
});

t.test('what is larger is averaged, what lies outside goes on with the edge', async (t) => {
  const stripes = {
    width: 400,
    height: 4,
    rgb: new Uint8Array(400 * 4 * 3).map((_, i) => (Math.floor(i / 3) % 2) * 255),
  };
  const small = warp(stripes, { a: 4, b: 0, left: 0, top: 0 }, 20);
  t.ok(
    small.rgb.subarray(0, 60).every((value) => value > 60 && value < 195),
    'no stripe survives',
  );
  const one = { width: 1, height: 1, rgb: new Uint8Array([9, 8, 7]) };
  t.same([...warp(one, { a: 1, b: 0, left: -5, top: 40 }, 2).rgb], [9, 8, 7, 9, 8, 7, 9, 8, 7, 9, 8, 7]);
});

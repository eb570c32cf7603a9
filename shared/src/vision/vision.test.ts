import fc from 'fast-check';
import t from 'tap';
import {
  cameraVisionSchema,
  experimentalAlgorithms,
  findingIdEnd,
  findingNumber,
  isInside,
  lineSchema,
  type Point,
  polygonArea,
  polygonSchema,
  visionAlgorithms,
  visionRuleSchema,
} from './index.js';

const id = '01a20262-9489-7000-9064-d6158e8a23a8';
const square: Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];

t.test('zones: area, inside, and those that are none', async (t) => {
  t.ok(Math.abs(polygonArea(square) - 0.16) < 1e-12);
  t.ok(isInside(square, [0.4, 0.4]));
  t.notOk(isInside(square, [0.7, 0.4]));
  t.ok(polygonSchema.safeParse(square).success);
  const flat = square.map(([x]) => [x, 0.5]);
  t.match(polygonSchema.safeParse(flat).error?.issues[0], { message: /0\.04 %/ });
  const bowTie = [square[0], square[2], square[1], square[3]];
  t.notOk(polygonSchema.safeParse(bowTie).success);
  t.notOk(polygonSchema.safeParse([...square, [1.2, 0]]).success, 'outside the picture');
  t.notOk(lineSchema.safeParse([square[0], square[0]]).success, 'a line without length');
});

t.test('a point is inside a triangle where the three small triangles make the whole', async () => {
  const point = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(point, point, point, point, (a, b, c, p) => {
      const whole = polygonArea([a, b, c]);
      const parts = polygonArea([a, b, p]) + polygonArea([b, c, p]) + polygonArea([c, a, p]);
      // On a side, either answer is right.
      if (Math.min(polygonArea([a, b, p]), polygonArea([b, c, p]), polygonArea([c, a, p])) < 1e-9) return;
      if (isInside([a, b, c], p) !== Math.abs(parts - whole) < 1e-9) throw new Error('not the same');
    }),
  );
});

t.test('rules say what they miss, and fill in what is left out', async (t) => {
  const absence = visionRuleSchema.parse({ id, name: '一号窗口', algorithm: 'absence', zone: square, forMs: 60_000 });
  t.match(absence, { enabled: true, labels: ['person'], minConfidence: 0.5, coolDownMs: 60_000, facts: [] });
  t.notOk(visionRuleSchema.safeParse({ id, name: 'x', algorithm: 'absence' }).success, 'no zone');
  t.notOk(visionRuleSchema.safeParse({ id, name: 'x', algorithm: 'magic', zone: square }).success);
  t.notOk(
    visionRuleSchema.safeParse({ id, name: 'x', algorithm: 'absence', zone: square, mots: 1 }).success,
    'a word that does not exist',
  );
  for (const algorithm of experimentalAlgorithms) t.ok(visionAlgorithms.includes(algorithm));
  t.match(cameraVisionSchema.parse({ deviceId: id }), { analysisFps: 5, overlay: { band: 'below', sizePx: 32 } });
});

t.test('the number of a finding is short, and another for each', async (t) => {
  t.equal(findingNumber('01a20262-9489-7000-9064-d60000000000'), '0000-0000');
  t.equal(findingNumber('01a20262-9489-7000-9064-d6ffffffffff'), 'ZZZZ-ZZZZ');
  t.equal(findingNumber(id), '2P78-M8X8');
  fc.assert(
    fc.property(fc.uuid(), (any) => {
      if (findingIdEnd(findingNumber(any)) !== any.slice(-10)) throw new Error('not the same');
    }),
  );
  t.equal(findingIdEnd('oooo ooo1'), '0000000001');
  for (const none of ['', '7F3K-9QXU', '7F3K-9QX', '7F3K-9QXDD', id]) t.equal(findingIdEnd(none), undefined);
});

import t from 'tap';
import { boundsOf, drawStrokes, isSigned, type Stroke } from './strokes.js';

const line: Stroke = [
  { x: 0.2, y: 0.1 },
  { x: 0.4, y: 0.2 },
  { x: 0.6, y: 0.1 },
];

t.test('a hand is more than a slip of the finger', async (t) => {
  t.notOk(isSigned([]));
  t.notOk(isSigned([[{ x: 0.5, y: 0.2 }]]), 'a dot');
  t.notOk(isSigned([line.slice(0, 1), line.slice(2)]), 'two dots far apart');
  t.ok(isSigned([line]));
});

t.test('trimmed to the ink; a dot is seen, and a stroke ends where the hand ended', async (t) => {
  t.match(boundsOf([line], 0.1), { x: 0.1, y: 0, width: 0.6 });
  const said: string[] = [];
  const note =
    (name: string) =>
    (...at: unknown[]) =>
      void said.push(`${name} ${at.map((one) => Number(one).toFixed(2)).join(' ')}`);
  const pen = {
    ...{ beginPath: note('begin'), moveTo: note('move'), lineTo: note('line'), stroke: note('stroke') },
    quadraticCurveTo: note('curve'),
  };
  drawStrokes(pen, [[{ x: 0.5, y: 0.5 }], [], line], ({ x, y }) => ({ x: x * 10, y: y * 10 }));
  t.equal(said.filter((one) => one.startsWith('stroke')).length, 2);
  t.ok(said.includes('line 5.00 5.00'));
  t.equal(said.at(-2), 'line 6.00 1.00');
});

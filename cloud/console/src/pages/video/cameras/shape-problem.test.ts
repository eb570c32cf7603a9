import type { Point } from '@hallhub/shared/vision';
import t from 'tap';
import { shapeProblem } from './shape-problem.js';

const square: Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];
const [a, b, c, d] = square as [Point, Point, Point, Point];

t.test('what is wrong with a shape is said by what one can mend', async (t) => {
  t.equal(shapeProblem('zone', square), undefined);
  t.equal(shapeProblem('zone', []), undefined, 'none is the whole picture');
  t.equal(shapeProblem('zone', [a, b]), 'few');
  t.equal(shapeProblem('zone', [a, c, b, d]), 'crosses');
  t.equal(shapeProblem('zone', [a, [0.201, 0.2], [0.201, 0.201]]), 'small');
  t.equal(shapeProblem('line', [a, b]), undefined);
  t.equal(shapeProblem('line', [a, a]), 'short');
});

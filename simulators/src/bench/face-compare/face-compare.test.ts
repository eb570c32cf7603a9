import t from 'tap';
import { shareInterval, shareText } from './share-interval.js';

t.test('where a share really lies', async (t) => {
  const near = (got: readonly number[], wanted: readonly number[]) =>
    t.ok(
      got.every((value, i) => Math.abs(value - wanted[i]!) < 5e-4),
      `${got} is near ${wanted}`,
    );
  // Wilson's interval of published tables.
  near(shareInterval(0, 10), [0, 0.2775]);
  near(shareInterval(5, 10), [0.2366, 0.7634]);
  near(shareInterval(10, 10), [0.7225, 1]);
  near(shareInterval(0, 1210), [0, 0.0032]);
  t.same(shareInterval(0, 0), [0, 1], 'nothing was measured');
  t.match(shareText(3, 271), /^3 of 271, 1\.11 % \(95 %: 0\.38 % to 3\.20 %\)$/);
});

import t from 'tap';
import { median, quantile } from './statistics.js';

t.test('nearest rank, whatever the order', async (t) => {
  const values = [5, 1, 4, 2, 3];
  t.equal(median(values), 3);
  t.equal(quantile(values, 0), 1);
  t.equal(quantile(values, 0.99), 5);
  t.equal(quantile(values, 1), 5);
  t.equal(median([7]), 7);
  t.same(values, [5, 1, 4, 2, 3], 'the given array stays as it is');
  t.ok(Number.isNaN(median([])));
});

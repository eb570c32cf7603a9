import t from 'tap';
import { nextOrder, ordered, orderOf } from './group-order.js';

const rows = [{ n: 2 }, {}, { n: 3 }, { n: 1 }] as { n?: number }[];

t.test('the most first or the least first; what has no figure comes last', async (t) => {
  t.same(
    ordered(rows, ({ n }) => n, true).map(({ n }) => n),
    [3, 2, 1, undefined],
  );
  t.same(
    ordered(rows, ({ n }) => n, false).map(({ n }) => n),
    [1, 2, 3, undefined],
  );
});

t.test('pressing a head turns the order, then lets it be', async (t) => {
  t.equal(nextOrder(undefined, 'onTime'), '-onTime');
  t.equal(nextOrder(orderOf('-onTime'), 'onTime'), 'onTime');
  t.equal(nextOrder(orderOf('onTime'), 'onTime'), undefined);
  t.equal(nextOrder(orderOf('onTime'), 'made'), '-made');
  t.equal(orderOf(undefined), undefined);
});

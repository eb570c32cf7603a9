import t from 'tap';
import { byHolder } from './by-holder.js';

t.test('who has how many, most first', async (t) => {
  const holder = (id: string) => ({ kind: 'office' as const, id, name: id });
  t.same(
    byHolder([{ holders: [holder('a')] }, { holders: [holder('b'), holder('a')] }, { holders: [] }]).map((one) => [
      one.id,
      one.count,
    ]),
    [
      ['a', 2],
      ['b', 1],
    ],
  );
});

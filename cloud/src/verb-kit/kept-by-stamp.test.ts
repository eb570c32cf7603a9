import t from 'tap';
import { KeptByStamp } from './kept-by-stamp.js';

t.test('read once a stamp; the tenants asked for last are kept', async (t) => {
  const kept = new KeptByStamp<number>(2);
  let reads = 0;
  const of = (tenant: string, stamp: string | undefined) => kept.of(tenant, stamp, async () => ++reads);
  t.equal(await of('a', '1'), 1);
  t.equal(await of('a', '1'), 1);
  t.equal(await of('a', '2'), 2, 'another stamp');
  t.equal(await of('b', undefined), 3);
  t.equal(await of('b', undefined), 4, 'without a stamp each time');
  await of('b', '1');
  t.equal(await of('a', '2'), 2);
  await of('c', '1');
  t.equal(await of('a', '2'), 2);
  t.equal(await of('b', '1'), 7, 'the longest unasked was let go');
});

import t from 'tap';
import { readBundleHead } from './read-bundle-head.js';

const unitId = '01a20000-0000-7000-8000-000000000001';
const header = {
  ...{ v: 1, kind: 'up', id: '01a20000-0000-7000-8000-000000000002', unitId, madeAt: 1_700_000_000_000 },
  streams: [
    { lane: 'events', epoch: 'e', fromSeq: 5, toSeq: 9 },
    { lane: 'live', epoch: 'e', fromSeq: 1, toSeq: 1 },
  ],
  parts: [
    { name: 'batch/events/1', bytes: 4, sha256: '0' },
    { name: 'evidence/01a20000-0000-7000-8000-000000000003', bytes: 3, sha256: '0' },
  ],
};
const file = (head: unknown, rest = 'abcdefg') => new Blob([`${JSON.stringify(head)}\n{"signature":"s"}\n${rest}`]);

t.test('whose it is and what it holds', async (t) => {
  t.same(await readBundleHead(file(header)), { unitId, madeAt: 1_700_000_000_000, rows: 6, files: 1 });
});

t.test('what is none, or not whole, is told before it travels', async (t) => {
  t.equal(await readBundleHead(file(header, 'abc')), 'cut');
  t.equal(await readBundleHead(file(header, 'abcdefgh')), 'longer');
  t.equal(
    await readBundleHead(file({ ...header, kind: 'down', streams: [{ cursor: 4 }], parts: undefined })),
    'receipt',
  );
  for (const text of ['', 'hello', '{', '{}\n{}\n', '{"kind":"up"}\n', '{oops\n{}\n', '\n\n{}'])
    t.equal(await readBundleHead(new Blob([text])), 'notBundle', JSON.stringify(text));
  t.equal(await readBundleHead(file({ ...header, parts: undefined })), 'notBundle');
  t.equal(await readBundleHead(file({ ...header, parts: [{ name: 'x', bytes: -1 }] })), 'notBundle');
});

import fc from 'fast-check';
import t from 'tap';
import {
  encodeLiveRecord,
  LiveRecordReader,
  liveKinds,
  liveMessage,
  maxLiveRecordBytes,
  readLiveMessage,
} from './index.js';

const record = fc.record({ kind: fc.constantFrom(...liveKinds), payload: fc.uint8Array({ maxLength: 300 }) });

t.test('records come out as they went in, cut anywhere', async () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(encodeLiveRecord));
        const reader = new LiveRecordReader();
        const got = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length] as number;
          got.push(...reader.push(bytes.subarray(at, at + length)));
          at += length;
        }
        const plain = (list: readonly { kind: string; payload: Uint8Array }[]) =>
          JSON.stringify(list.map(({ kind, payload }) => [kind, [...payload]]));
        return plain(got) === plain(sent);
      },
    ),
  );
});

t.test('what is no record', async (t) => {
  const head = (length: number, kind = 0) => {
    const bytes = Buffer.alloc(5);
    bytes.writeUInt32BE(length);
    bytes[4] = kind;
    return bytes;
  };
  t.throws(
    () => new LiveRecordReader().push(head(maxLiveRecordBytes + 1)),
    RangeError,
    'refused before it is waited for',
  );
  t.throws(() => new LiveRecordReader().push(head(0)), RangeError);
  t.throws(() => new LiveRecordReader().push(head(1, 9)), RangeError);
  t.equal(readLiveMessage(new Uint8Array()), undefined);
  t.match(readLiveMessage(liveMessage({ kind: 'key', payload: new Uint8Array([7]) })), { kind: 'key' });
});

import { ManualClock } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { Faults, sendThrough } from './faults.js';

t.test('without faults an answer leaves whole and at once', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const [only, ...rest] = new Faults().apply(bytes);
      return rest.length === 0 && only?.delayMs === 0 && Buffer.from(only.bytes).equals(Buffer.from(bytes));
    }),
  );
  t.pass();
});

t.test('pieces put together are the answer, in order', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.integer({ min: 1, max: 9 }), (bytes, splitBytes) => {
      const faults = new Faults();
      faults.set({ splitBytes, delayMs: 10 });
      const pieces = faults.apply(bytes);
      const delays = pieces.map((p) => p.delayMs);
      return (
        Buffer.concat(pieces.map((p) => p.bytes)).equals(Buffer.from(bytes)) &&
        delays.every((d, i) => i === 0 || d >= (delays[i - 1] ?? 0))
      );
    }),
  );
  t.pass();
});

t.test('corruption turns exactly one bit over', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const faults = new Faults();
      faults.set({ corruptShare: 1 });
      const out = faults.apply(bytes)[0]?.bytes ?? new Uint8Array();
      const bits = bytes.reduce((sum, b, i) => sum + (b ^ (out[i] ?? 0)).toString(2).replaceAll('0', '').length, 0);
      return bits === 1;
    }),
  );
  t.pass();
});

t.test('drop, truncate and delay', async (t) => {
  const clock = new ManualClock();
  const faults = new Faults();
  const sent: number[] = [];
  const write = (bytes: Uint8Array) => void sent.push(bytes.length);
  faults.set({ dropShare: 1 });
  sendThrough(faults, Uint8Array.of(1, 2, 3), { clock, write });
  faults.set({ truncateTo: 2, delayMs: 100 });
  sendThrough(faults, Uint8Array.of(1, 2, 3), { clock, write });
  t.same(sent, []);
  await clock.advance(100);
  t.same(sent, [2]);
  faults.clear();
  sendThrough(faults, Uint8Array.of(1, 2, 3), { clock, write });
  t.same(sent, [2, 3]);
});

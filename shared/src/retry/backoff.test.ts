import fc from 'fast-check';
import t from 'tap';
import { Backoff } from './backoff.js';

t.test('doubles up to its bound and starts anew after success', async (t) => {
  const backoff = new Backoff({ firstMs: 1000, maxMs: 60_000, jitter: 0 });
  t.same(
    Array.from({ length: 8 }, () => backoff.nextMs()),
    [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000],
  );
  backoff.reset();
  t.equal(backoff.nextMs(), 1000);
});

t.test('never over the bound, never under what the jitter allows', async () => {
  fc.assert(
    fc.property(fc.nat(80), fc.float({ min: 0, max: Math.fround(0.999), noNaN: true }), (attempts, roll) => {
      const backoff = new Backoff({ firstMs: 100, maxMs: 5000, jitter: 0.2, random: () => roll });
      return Array.from({ length: attempts + 1 }, () => backoff.nextMs()).every((ms) => ms >= 80 && ms <= 5000);
    }),
  );
});

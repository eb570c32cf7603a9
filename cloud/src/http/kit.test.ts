import { errorCodes, HubError, ManualClock } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';
import fc from 'fast-check';
import t from 'tap';
import { decodeCursor, encodeCursor, toPage } from '../verb-kit/pagination.js';
import { clientAddress, isLoopback } from './client-address.js';
import { etagOf, parseIfMatch } from './etag.js';
import { describeError } from './known-errors.js';
import { MetricsRegistry } from './metrics.js';
import { httpStatusByCode, problemSchema, toProblem } from './problem.js';
import { RateLimit } from './rate-limit.js';

t.test('every error code has a status and makes a whole problem', async (t) => {
  for (const code of errorCodes) {
    const problem = toProblem(new HubError(code, 'detail', { context: { a: 1 } }), 'r1');
    t.ok(problemSchema.safeParse(problem).success, code);
    t.equal(problem.status, httpStatusByCode[code]);
    t.equal('detail' in problem, problem.status !== 500, `${code} tells its detail only where it may`);
  }
});

t.test('a database error is told apart from a bug, however deep it lies', async (t) => {
  const wrapped = (code: string) => new Error('query failed', { cause: Object.assign(new Error('x'), { code }) });
  t.equal(describeError(wrapped('57P01')).code, 'unavailable');
  t.equal(describeError(wrapped('40001')).code, 'unavailable');
  t.equal(describeError(wrapped('23505')).code, 'bug');
  t.equal(describeError(wrapped('22021')).code, 'invalid_input', 'a NUL in a text is the caller’s mistake');
  t.equal(describeError(new Error('x', { cause: new HubError('conflict', 'y') })).code, 'conflict');
  t.equal(describeError('thrown text').code, 'bug');
  const loop = new Error('loop');
  loop.cause = loop;
  t.equal(describeError(loop).code, 'bug');
});

t.test('a cursor comes back as it went; anything else is refused', async (t) => {
  const key = z.tuple([z.string(), z.number()]);
  fc.assert(
    fc.property(fc.string(), fc.integer(), (text, number) => {
      t.same(decodeCursor(encodeCursor([text, number]), key), [text, number]);
    }),
    { numRuns: 50 },
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      try {
        decodeCursor(text, key);
      } catch (error) {
        if (!(error instanceof HubError) || error.code !== 'invalid_input') throw error;
      }
    }),
  );
  t.equal(decodeCursor(undefined, key), null);
});

t.test('pages put together are the list, whatever the page size', async (t) => {
  const pages = fc.property(
    fc.uniqueArray(fc.nat(), { maxLength: 40 }),
    fc.integer({ min: 1, max: 10 }),
    (list, limit) => {
      const sorted = [...list].sort((a, b) => a - b);
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const after = decodeCursor(cursor, z.tuple([z.number()]));
        const rows = sorted.filter((n) => !after || n > after[0]).slice(0, limit + 1);
        const page = toPage(rows, limit, { item: (n) => n, key: (n) => [n] });
        seen.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      if (JSON.stringify(seen) !== JSON.stringify(sorted)) throw new Error(`${seen} is not ${sorted}`);
    },
  );
  t.doesNotThrow(() => fc.assert(pages));
});

t.test('ETags', async (t) => {
  fc.assert(fc.property(fc.nat(), (n) => n > 999_999_999 || parseIfMatch(etagOf(n)) === n));
  for (const wrong of ['', '*', 'W/"1"', '"1","2"', '1', '"-1"', '"1e3"']) {
    t.throws(() => parseIfMatch(wrong), { code: 'invalid_input' }, wrong);
  }
});

t.test('the rate limit: a burst, then its refill, each key on its own, memory bounded', async (t) => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock, { burst: 3, perMinute: 6, maxKeys: 10 });
  for (let i = 0; i < 3; i++) limit.take('a');
  t.throws(() => limit.take('a'), { code: 'rate_limited', context: { retryAfterMs: 10_000 } });
  limit.take('b');
  await clock.advance(10_000);
  limit.take('a');
  t.throws(() => limit.take('a'), { code: 'rate_limited' });
  clock.jump(3_600_000);
  t.throws(() => limit.take('a'), { code: 'rate_limited' }, 'a wall clock that jumps refills nothing');
  limit.reset('a');
  limit.take('a');
  for (let i = 0; i < 1_000; i++) limit.take(`key ${i}`);
  t.ok(true, 'a flood of keys is bounded');
});

t.test('the address behind trusted proxies, and a header that anybody can write', async (t) => {
  t.equal(clientAddress('::ffff:10.0.0.1', '6.6.6.6', 0), '10.0.0.1');
  t.equal(clientAddress('10.0.0.1', '6.6.6.6, 1.2.3.4', 1), '1.2.3.4');
  t.equal(clientAddress('10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', 2), '1.2.3.4');
  t.equal(clientAddress('10.0.0.1', undefined, 1), '10.0.0.1');
  t.equal(clientAddress('10.0.0.1', '1.2.3.4', 3), '10.0.0.1', 'fewer hops than proxies');
  t.ok(isLoopback('127.0.0.1') && isLoopback('::1') && !isLoopback('10.0.0.1') && !isLoopback(null));
});

t.test('metrics render as Prometheus reads them', async (t) => {
  const metrics = new MetricsRegistry();
  const counter = metrics.counter({ name: 'c_total', help: 'Things', labels: ['kind'] });
  counter.inc({ kind: 'a"b\\c\nd' });
  counter.inc({ kind: 'a"b\\c\nd' }, 2);
  metrics.gauge({ name: 'g', help: 'Level' }).set({}, 1.5);
  metrics.gaugeOf({ name: 'now', help: 'Read when scraped' }, () => 7);
  const histogram = metrics.histogram({ name: 'h_seconds', help: 'Time', labels: ['lane'], buckets: [0.1, 1] });
  for (const seconds of [0.05, 0.1, 0.5, 5]) histogram.observe({ lane: 'live' }, seconds);
  t.strictSame((await metrics.render()).split('\n').filter(Boolean), [
    '# HELP c_total Things',
    '# TYPE c_total counter',
    'c_total{kind="a\\"b\\\\c\\nd"} 3',
    '# HELP g Level',
    '# TYPE g gauge',
    'g 1.5',
    '# HELP now Read when scraped',
    '# TYPE now gauge',
    'now 7',
    '# HELP h_seconds Time',
    '# TYPE h_seconds histogram',
    'h_seconds_bucket{le="0.1",lane="live"} 2',
    'h_seconds_bucket{le="1",lane="live"} 3',
    'h_seconds_bucket{le="+Inf",lane="live"} 4',
    'h_seconds_sum{lane="live"} 5.65',
    'h_seconds_count{lane="live"} 4',
  ]);
  t.throws(() => metrics.gauge({ name: 'g', help: 'again' }), /already been registered/);
  for (let i = 0; i < 5_000; i++) counter.inc({ kind: String(i) });
  const lines = (await metrics.render()).split('\n');
  const series = lines.filter((line) => line.startsWith('c_total{')).length;
  t.ok(series <= 2_001, 'labels that run away are folded');
});

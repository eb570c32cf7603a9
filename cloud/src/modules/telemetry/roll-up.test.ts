import { ManualClock, uuidv7 } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { type Database, withTenant } from '../../db/index.js';
import { addTenant, silentLogger, startTestDatabase } from '../../db/testing.js';
import { createTelemetry, type HistoryBucket, type SampleInput, type Telemetry } from './index.js';
import { hourMs, hourStart } from './time-grid.js';

t.setTimeout(300_000);

const start = Date.UTC(2026, 0, 31, 20);
const hours = 12;
const end = start + hours * hourMs;

interface Value {
  readonly at: number;
  readonly number: number;
  readonly bad: boolean;
}

/** What the buckets of a width must be, computed without any database. */
const naive = (values: readonly Value[], bucketMs: number): HistoryBucket[] => {
  const buckets = new Map<number, Value[]>();
  for (const value of values) {
    if (value.bad) continue;
    const at = Math.floor(value.at / bucketMs) * bucketMs;
    buckets.set(at, [...(buckets.get(at) ?? []), value]);
  }
  return [...buckets.entries()]
    .sort(([a], [b]) => a - b)
    .map(([at, all]) => {
      const numbers = all.map((value) => value.number);
      const inOrder = all.toSorted((a, b) => a.at - b.at || a.number - b.number);
      return {
        at,
        count: all.length,
        min: Math.min(...numbers),
        max: Math.max(...numbers),
        avg: numbers.reduce((sum, number) => sum + number, 0) / all.length,
        first: inOrder[0]?.number ?? Number.NaN,
        last: inOrder.at(-1)?.number ?? Number.NaN,
      };
    });
};

const value = fc.record({
  // Few distinct times, so that ties happen.
  at: fc.integer({ min: 0, max: hours * 60 - 1 }).map((minute) => start + minute * 60_000),
  // Quarters add up exactly in any order.
  number: fc.integer({ min: -4000, max: 4000 }).map((quarters) => quarters / 4),
  bad: fc.nat({ max: 9 }).map((n) => n === 0),
});

/** A batch arrives, time passes (a negative step would be a clock's fault), the roll-up runs or does not. */
const step = fc.record({
  batch: fc.array(value, { maxLength: 25 }),
  waitMs: fc.integer({ min: 0, max: 5 * hourMs }),
  rollUp: fc.boolean(),
});

const toSamples = (deviceId: string, batch: readonly Value[]): SampleInput[] =>
  batch.map(({ at, number, bad }, seq) => ({
    deviceId,
    at,
    seq,
    values: { x: number },
    quality: bad ? { x: 'bad' } : undefined,
  }));

const storedHours = async (database: Database, deviceId: string): Promise<HistoryBucket[]> => {
  const { rows } = await database.ownerPool.query(
    `SELECT hour, count, min, max, sum / count AS avg, first, last FROM telemetry_hours h
     JOIN telemetry_points p ON p.id = h.point_id WHERE p.device_id = $1 ORDER BY hour`,
    [deviceId],
  );
  return rows.map(({ hour, ...row }) => ({ at: hour.getTime(), ...row }));
};

t.test('whatever the order of arrival and of roll-ups, history and roll-ups are what the values say', async (t) => {
  const database = await startTestDatabase(t);
  const scope = await addTenant(database);
  const history = (telemetry: Telemetry, deviceId: string, bucketHours: number) =>
    withTenant(database, scope, (tx) =>
      telemetry.queryHistory(tx, {
        deviceId,
        property: 'x',
        from: start,
        to: end,
        maxPoints: Math.max(2, Math.ceil(hours / bucketHours)),
      }),
    );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      // The device's clock may lead or lag: batches hold hours long gone and hours still open.
      const clock = new ManualClock(end);
      const telemetry = createTelemetry({ database, logger: silentLogger, clock, futureLimitMs: 24 * hourMs });
      const deviceId = uuidv7();
      const all: Value[] = [];
      clock.jump(-hours * hourMs);
      for (const { batch, waitMs, rollUp } of steps) {
        await withTenant(database, scope, (tx) => telemetry.appendSamples(tx, scope, toSamples(deviceId, batch)));
        all.push(...batch);
        clock.jump(waitMs);
        if (rollUp) await telemetry.rollUpHours();
        for (const bucketHours of [1, 3]) {
          const seen = await history(telemetry, deviceId, bucketHours);
          const expected = naive(all, bucketHours * hourMs);
          if (seen.kind === 'raw') {
            if (seen.samples.length !== all.length) return false;
          } else if (
            JSON.stringify(seen.buckets) !== JSON.stringify(naive(all, seen.bucketMs)) ||
            expected.length < seen.buckets.length
          ) {
            return false;
          }
        }
      }
      clock.jump(3 * 24 * hourMs);
      await telemetry.rollUpHours();
      const left = await database.ownerPool.query('SELECT count(*)::int AS count FROM telemetry_marks');
      return (
        left.rows[0].count === 0 &&
        JSON.stringify(await storedHours(database, deviceId)) === JSON.stringify(naive(all, hourMs))
      );
    }),
    { numRuns: 40 },
  );
});

t.test('late samples re-roll their hours and nothing else', async (t) => {
  const database = await startTestDatabase(t);
  const scope = await addTenant(database);
  const clock = new ManualClock(end + hourMs);
  const telemetry = createTelemetry({ database, logger: silentLogger, clock });
  const [a, b] = [uuidv7(), uuidv7()];
  const append = (samples: SampleInput[]) =>
    withTenant(database, scope, (tx) => telemetry.appendSamples(tx, scope, samples));
  const sample = (deviceId: string, at: number, x: number): SampleInput => ({ deviceId, at, seq: 1, values: { x } });
  await append([sample(a, start, 1), sample(a, start + hourMs, 2), sample(b, start, 3), sample(b, clock.now(), 4)]);
  t.same(await telemetry.rollUpHours(), { hours: 2, rows: 3 }, 'the open hour waits');
  t.same(await telemetry.rollUpHours(), { hours: 0, rows: 0 });
  await append([sample(a, start + 5, 10)]);
  t.same(await telemetry.rollUpHours(), { hours: 1, rows: 1 });
  t.match(await storedHours(database, a), [{ count: 2, first: 1, last: 10 }, { count: 1 }]);
});

t.test('samples that arrive while their hour is being rolled up are not forgotten', async (t) => {
  const database = await startTestDatabase(t);
  const scope = await addTenant(database);
  const telemetry = createTelemetry({ database, logger: silentLogger, clock: new ManualClock(end + hourMs) });
  const deviceId = uuidv7();
  let sent = 0;
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = 0; i < 15; i++) {
      const values = Array.from({ length: 5 }, (_, n) => ({
        at: start + ((writer * 15 + i) * 5 + n) * 1000,
        number: 1,
        bad: false,
      }));
      await withTenant(database, scope, (tx) => telemetry.appendSamples(tx, scope, toSamples(deviceId, values)));
      sent += values.length;
    }
  });
  const rollers = Array.from({ length: 2 }, async () => {
    for (let i = 0; i < 10; i++) await telemetry.rollUpHours();
  });
  await Promise.all([...writers, ...rollers]);
  await telemetry.rollUpHours();
  const stored = await storedHours(database, deviceId);
  t.equal(
    stored.reduce((sum, hour) => sum + hour.count, 0),
    sent,
  );
  t.equal(stored[0]?.at, hourStart(start));
});

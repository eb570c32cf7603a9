import { ManualClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { type Database, withTenant } from '../../db/index.js';
import { addTenant, type HasTeardown, silentLogger, startTestDatabase } from '../../db/testing.js';
import { createTelemetry, type SampleInput, type TelemetryOptions } from './index.js';
import { dayMs, hourMs } from './time-grid.js';

const start = Date.UTC(2026, 2, 10, 8, 30);

const prepare = async (t: HasTeardown, options: Partial<TelemetryOptions> = {}) => {
  const database = await startTestDatabase(t);
  const clock = new ManualClock(start);
  const telemetry = createTelemetry({ database, logger: silentLogger, clock, ...options });
  const scope = await addTenant(database);
  let seq = 0;
  return {
    database,
    clock,
    telemetry,
    scope,
    deviceId: uuidv7(),
    append: (samples: (Omit<SampleInput, 'seq'> & { seq?: number })[], tenant = scope) =>
      withTenant(database, tenant, (tx) =>
        telemetry.appendSamples(
          tx,
          tenant,
          samples.map((sample) => ({ seq: ++seq, ...sample })),
        ),
      ),
    latest: (deviceIds: string[], tenant = scope) =>
      withTenant(database, tenant, (tx) => telemetry.latestValues(tx, deviceIds)),
    history: (input: Parameters<typeof telemetry.queryHistory>[1], tenant = scope) =>
      withTenant(database, tenant, (tx) => telemetry.queryHistory(tx, input)),
  };
};

const count = async (database: Database, sql: string): Promise<number> =>
  Number((await database.ownerPool.query(sql)).rows[0].count);

t.test('values of every type come back as they were sent', async (t) => {
  const { deviceId, append, latest, history } = await prepare(t);
  const at = start - 60_000;
  const result = await append([
    {
      deviceId,
      at,
      values: { waiting: 12, name: '一号\0窗口', open: true, error: null },
      quality: { waiting: 'uncertain' },
    },
    { deviceId, at: at + 1, values: { open: false } },
  ]);
  t.match(result, { stored: 5, expired: 0, future: 0 });
  t.same(await latest([deviceId]), [
    { deviceId, property: 'error', at, value: null, quality: 'good' },
    { deviceId, property: 'name', at, value: '一号\uFFFD窗口', quality: 'good' },
    { deviceId, property: 'open', at: at + 1, value: false, quality: 'good' },
    { deviceId, property: 'waiting', at, value: 12, quality: 'uncertain' },
  ]);
  t.same(await history({ deviceId, property: 'open', from: at, to: start }), {
    kind: 'raw',
    samples: [
      { at, value: true, quality: 'good' },
      { at: at + 1, value: false, quality: 'good' },
    ],
    before: null,
    truncated: false,
  });
});

t.test('the latest value goes by device time, then seq, whatever the order of arrival', async (t) => {
  const { deviceId, append, latest } = await prepare(t);
  const value = async () => (await latest([deviceId]))[0]?.value;
  await append([{ deviceId, at: start, seq: 10, values: { x: 'now' } }]);
  await append([{ deviceId, at: start - hourMs, seq: 11, values: { x: 'backlog' } }]);
  t.equal(await value(), 'now', 'backlog does not overwrite it');
  await append([{ deviceId, at: start, seq: 9, values: { x: 'earlier of the same ms' } }]);
  t.equal(await value(), 'now');
  await append([
    { deviceId, at: start, seq: 12, values: { x: 'later of the same ms' } },
    { deviceId, at: start - 5, seq: 13, values: { x: 'older in the same batch' } },
  ]);
  t.equal(await value(), 'later of the same ms');
});

t.test('another tenant sees nothing, and naming a device does not reach its points', async (t) => {
  const { deviceId, append, latest, history, database } = await prepare(t);
  const other = await addTenant(database);
  await append([{ deviceId, at: start, values: { x: 1 } }]);
  t.same(await latest([deviceId], other), []);
  t.match(await history({ deviceId, property: 'x', from: 0, to: start + 1 }, other), {
    kind: 'raw',
    samples: [],
    before: null,
  });
  await append([{ deviceId, at: start + 1, values: { x: 666 } }], other);
  t.equal((await latest([deviceId]))[0]?.value, 1);
  await t.rejects(database.appPool.query('SELECT * FROM telemetry_parts.samples_20260310'), /permission denied/);
  t.equal((await database.appPool.query('SELECT * FROM telemetry_samples')).rowCount, 0);
});

t.test('a rolled-back transaction leaves nothing, and the next one works', async (t) => {
  const { deviceId, telemetry, scope, database, append } = await prepare(t);
  await t.rejects(
    withTenant(database, scope, async (tx) => {
      await telemetry.appendSamples(tx, scope, [{ deviceId, at: start, seq: 1, values: { x: 1 } }]);
      throw new Error('cursor moved meanwhile');
    }),
    /cursor/,
  );
  t.equal(await count(database, 'SELECT count(*) FROM telemetry_samples'), 0);
  await append([{ deviceId, at: start, values: { x: 1 } }]);
  t.equal(await count(database, 'SELECT count(*) FROM telemetry_samples'), 1);
});

t.test(
  'partitions are made for the past, refused for what is expired, and the far future is quarantined',
  async (t) => {
    const { deviceId, append, database } = await prepare(t);
    const result = await append([
      { deviceId, at: start - 80 * dayMs, values: { x: 1, y: 2 } },
      { deviceId, at: start - 200 * dayMs, values: { x: 1, y: 2 } },
      { deviceId, at: 0, values: { x: 3 } },
      { deviceId, at: start + dayMs, values: { x: 'tomorrow' } },
      { deviceId, at: start + 60_000, values: { x: 4 } },
    ]);
    t.match(result, { stored: 3, expired: 3, future: 1 });
    const { rows } = await database.ownerPool.query(
      'SELECT reason, count::int, first_at FROM telemetry_refused ORDER BY reason',
    );
    t.match(rows, [
      { reason: 'expired', count: 3, first_at: new Date(0) },
      { reason: 'future', count: 1, first_at: new Date(start + dayMs) },
    ]);
    const kept = await database.ownerPool.query('SELECT property, value, at FROM telemetry_quarantine');
    t.same(kept.rows, [{ property: 'x', value: 'tomorrow', at: new Date(start + dayMs) }]);
    t.match(await append([]), { stored: 0, expired: 0, future: 0 });
  },
);

t.test('two processes make the same partitions and points at once', async (t) => {
  const { deviceId, database, clock, scope } = await prepare(t);
  const processes = [1, 2, 3].map(() => createTelemetry({ database, logger: silentLogger, clock }));
  await Promise.all(
    processes.map((telemetry, seq) =>
      withTenant(database, scope, (tx) =>
        telemetry.appendSamples(tx, scope, [
          { deviceId, seq, at: start - seq * dayMs, values: { b: 1, a: 2, c: seq } },
          { deviceId, seq, at: start - (3 - seq) * dayMs, values: { c: 1, b: 2 } },
        ]),
      ),
    ),
  );
  t.equal(await count(database, 'SELECT count(*) FROM telemetry_points'), 3);
  t.equal(await count(database, 'SELECT count(*) FROM telemetry_samples'), 15);
});

t.test('retention drops whole days, and samples come in again afterwards', async (t) => {
  const { deviceId, append, database, clock, telemetry } = await prepare(t, {
    retention: { rawMs: 10 * dayMs, hoursMs: 60 * dayMs },
  });
  await telemetry.preparePartitions();
  await append([9, 10, 5].map((days) => ({ deviceId, at: start - days * dayMs, values: { x: days } })));
  await telemetry.rollUpHours();
  clock.jump(dayMs);
  t.same((await telemetry.applyRetention()).droppedPartitions, ['samples_20260228']);
  t.equal(await count(database, 'SELECT count(*) FROM telemetry_samples'), 2);
  t.equal(await count(database, 'SELECT count(*) FROM telemetry_hours'), 3, 'roll-ups stay longer');
  t.match(await append([{ deviceId, at: start - 10 * dayMs, values: { x: 1 } }]), { stored: 0, expired: 1, future: 0 });
  clock.jump(100 * dayMs);
  const { droppedPartitions } = await telemetry.applyRetention();
  t.ok(droppedPartitions.includes('hours_202602') && droppedPartitions.includes('hours_202603'));
  t.match(await append([{ deviceId, at: clock.now(), values: { x: 1 } }]), { stored: 1, expired: 0, future: 0 });
});

t.test('history: raw where it fits, buckets where not, gaps stay gaps, before says how it began', async (t) => {
  const { deviceId, append, history } = await prepare(t);
  const from = start - 2 * hourMs;
  const values = Array.from({ length: 60 }, (_, i) => i).filter((i) => i < 20 || i >= 40);
  await append(values.map((i) => ({ deviceId, at: from + i * 60_000, values: { x: i, s: `t${i}` } })));
  await append([{ deviceId, at: from - 7 * dayMs, values: { x: -1 } }]);

  const raw = await history({ deviceId, property: 'x', from, to: start });
  t.match(raw, { kind: 'raw', before: { value: -1 }, truncated: false });
  t.equal(raw.kind === 'raw' && raw.samples.length, 40);

  const coarse = await history({ deviceId, property: 'x', from, to: from + hourMs, maxPoints: 12 });
  if (coarse.kind !== 'buckets') return t.fail('expected buckets');
  t.equal(coarse.bucketMs, 5 * 60_000);
  t.same(
    coarse.buckets.map((b) => b.at),
    [0, 1, 2, 3, 8, 9, 10, 11].map((i) => from + i * 300_000),
  );
  t.same(coarse.buckets[0], { at: from, count: 5, min: 0, max: 4, avg: 2, first: 0, last: 4 });

  const text = await history({ deviceId, property: 's', from, to: start, maxPoints: 10 });
  t.match(text, { kind: 'raw', truncated: true });
  t.equal(text.kind === 'raw' && text.samples.at(-1)?.value, 't59', 'the newest texts are kept');

  await t.rejects(history({ deviceId, property: 'x', from: 5, to: 5 }), { code: 'invalid_input' });
  await t.rejects(history({ deviceId, property: 'x', from: 5, to: 6, maxPoints: 1 }), { code: 'invalid_input' });
});

t.test('history beyond the raw retention comes from roll-ups', async (t) => {
  const { deviceId, append, history, clock, telemetry } = await prepare(t, { retention: { rawMs: 5 * dayMs } });
  await append([0, 1, 2].map((i) => ({ deviceId, at: start - dayMs + i * 1000, values: { x: i } })));
  clock.jump(3 * hourMs);
  await telemetry.rollUpHours();
  clock.jump(10 * dayMs);
  await telemetry.applyRetention();
  const seen = await history({ deviceId, property: 'x', from: start - 5 * dayMs, to: clock.now() });
  t.match(seen, {
    kind: 'buckets',
    bucketMs: hourMs,
    buckets: [{ count: 3, min: 0, max: 2, avg: 1, first: 0, last: 2 }],
  });
});

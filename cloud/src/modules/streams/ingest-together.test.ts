import { systemClock, uuidv7 } from '@hallhub/shared';
import { defaultBatchLimits, type Lane } from '@hallhub/shared/wire';
import fc from 'fast-check';
import pino from 'pino';
import t from 'tap';
import { startTestDatabase } from '../../db/testing.js';
import type { LiveEvent } from '../live/live-port.js';
import { createTelemetry } from '../telemetry/index.js';
import { type IngestDeps, type IngestInput, type IngestOutcome, ingestBatch } from './ingest-batch.js';
import { ingestTogether } from './ingest-together.js';
import { telemetryWriter } from './sample-writer.js';
import { addTestHall, addTestUnit, type TestHall, TestStream } from './testing.js';

const at = Date.now() - 60_000;

/** Halls with units that are known, each with one device and a stream that has begun. */
const setup = async (t: Parameters<typeof startTestDatabase>[0]) => {
  const database = await startTestDatabase(t);
  const telemetry = createTelemetry({ database, logger: pino({ level: 'silent' }) });
  const published: LiveEvent[] = [];
  const plan = { fail: null as null | ((seen: readonly string[]) => string | null), writes: [] as number[] };
  const samples = telemetryWriter(telemetry);
  const deps: IngestDeps = {
    ...{ database, log: pino({ level: 'silent' }), clock: systemClock, limits: defaultBatchLimits },
    live: { publish: (event) => void published.push(event) },
    writers: {
      alarms: {
        onSamples: async () => {},
        onEvents: async () => {},
        onPresence: async () => {},
        onDevicesGone: async () => {},
      },
      samples: async (batches) => {
        plan.writes.push(batches.length);
        await samples(batches);
        const sql = plan.fail?.(batches.map(({ context }) => context.unitId));
        if (sql) await batches[0]?.context.tx.$client.query(sql);
      },
    },
  };
  const send = async (inputs: readonly IngestInput[]) => {
    const answers: (IngestOutcome | undefined)[] = inputs.map(() => undefined);
    await ingestTogether(deps, inputs, (i, outcome) => {
      if (answers[i]) throw new Error('answered twice');
      answers[i] = outcome;
    });
    return answers.map((outcome) => outcome?.answer);
  };
  const rows = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await database.ownerPool.query<T>(sql, values)).rows;
  const met = async (unit: Omit<TestHall, 'hallId'>, lane: Lane = 'live') => {
    const [stream, deviceId] = [new TestStream(unit, lane, uuidv7().replaceAll('-', '').slice(-16)), uuidv7()];
    const append = (...numbers: number[]) =>
      stream.append(...numbers.map((n) => ({ kind: 'sample', at: at + n, deviceId, values: { n } })));
    append(0);
    await ingestBatch(deps, { unitId: unit.unitId, lane, payload: stream.batch(1) });
    const input = (first: number, count?: number): IngestInput => ({
      ...{ unitId: unit.unitId, lane, payload: stream.batch(first, count) },
    });
    return { ...unit, stream, deviceId, append, input };
  };
  const hall = await addTestHall(database);
  const addUnit = async () => met({ ...hall, ...(await addTestUnit(database, hall)) });
  const numbers = async () =>
    (
      await rows<{ device_id: string; n: number }>(
        'SELECT p.device_id, s.number AS n FROM telemetry_samples s JOIN telemetry_points p ON p.id = s.point_id',
      )
    )
      .map(({ device_id, n }) => `${device_id} ${n}`)
      .sort();
  return { database, deps, plan, published, send, rows, met, hall, addUnit, numbers };
};

t.test('batches of several units and tenants are one transaction; each counts for itself', async (t) => {
  const { send, rows, met, hall, addUnit, plan, published, numbers, database } = await setup(t);
  const own = [await met(hall), await addUnit(), await addUnit()];
  const others = [await met(await addTestHall(database)), await met(await addTestHall(database))];
  const all = [...own, ...others];
  for (const [i, one] of all.entries()) one.append(i * 10 + 1, i * 10 + 2);
  const before = (await rows<{ xid: string }>('SELECT pg_current_xact_id() AS xid'))[0]?.xid;
  plan.writes.length = 0;
  published.length = 0;
  const answers = await send(all.map((one) => one.input(2)));
  t.same(plan.writes.sort(), [1, 1, 3], 'one write a tenant');
  for (const [i, one] of all.entries())
    t.match(answers[i], { result: 'committed', cursor: 3, chain: one.stream.chainAt(3), epoch: one.stream.epoch });
  const streams = await rows<{ xmin: string; cursor: string; row_count: string }>(
    'SELECT xmin::text, cursor, row_count FROM streams',
  );
  t.equal(new Set(streams.map(({ xmin }) => xmin)).size, 1, 'one transaction');
  t.ok(Number(streams[0]?.xmin) > Number(before));
  t.strictSame(new Set(streams.map(({ cursor, row_count }) => `${cursor} ${row_count}`)), new Set(['3 3']));
  t.same(
    await numbers(),
    all.flatMap(({ deviceId }, i) => [0, i * 10 + 1, i * 10 + 2].map((n) => `${deviceId} ${n}`)).sort(),
  );
  const sums = await rows(
    `SELECT u.id FROM units u JOIN seals s ON s.unit_id = u.id AND s.tenant_id = u.tenant_id AND s.cloud_count = 3 AND s.cloud_first = 1 AND s.cloud_last = 3
       JOIN proof_tallies p ON p.unit_id = u.id AND p.tenant_id = u.tenant_id AND p.kind = 'value'
       JOIN (SELECT unit_id, sum(row_count) AS n FROM ingest_minutes GROUP BY 1) m ON m.unit_id = u.id AND m.n = 3
     GROUP BY u.id HAVING sum(p.stored) = 3`,
  );
  t.equal(sums.length, all.length);
  t.same(
    published.map(({ tenantId, type, deviceId }) => `${tenantId} ${type} ${deviceId}`).sort(),
    all.map(({ tenantId, deviceId }) => `${tenantId} device.values ${deviceId}`).sort(),
  );
});

t.test('one that is not the next, not known, not plain or held by somebody is dealt with for itself', async (t) => {
  const { send, met, hall, addUnit, database, deps, plan, rows } = await setup(t);
  const [good, twice, ahead, fork] = [await met(hall), await addUnit(), await addUnit(), await addUnit()];
  const [fresh, foreign, mixed, held] = [await addUnit(), await addUnit(), await addUnit(), await addUnit()];
  for (const one of [good, twice, ahead, fork, held]) one.append(1, 2);
  await ingestBatch(deps, twice.input(2));
  fresh.stream.append({ kind: 'sample', at, deviceId: uuidv7(), values: { n: 5 } });
  foreign.stream.append({ kind: 'sample', at, deviceId: good.deviceId, values: { n: 6 } });
  mixed.stream.append({ kind: 'gap', at, reason: 'rollback', previousEpoch: 'b'.repeat(16) }, '{broken');
  const fake = new TestStream(fork, 'live', fork.stream.epoch).append('{"kind":"sample"}', '{}');
  const holder = await database.ownerPool.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM streams WHERE unit_id = $1 FOR UPDATE', [held.unitId]);
  plan.writes.length = 0;
  const sent = send([
    ...[held.input(2), good.input(2), twice.input(2), ahead.input(3)],
    { unitId: fork.unitId, lane: 'live', payload: fake.batch(2) },
    ...[fresh.input(2), foreign.input(2), mixed.input(2)],
    { unitId: good.unitId, lane: 'live', payload: Buffer.from('nonsense') },
  ]);
  while ((await rows('SELECT 1 FROM streams WHERE unit_id = $1 AND cursor = 3', [good.unitId])).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await holder.query('COMMIT');
  holder.release();
  t.match(await sent, [
    { result: 'committed', cursor: 3 },
    { result: 'committed', cursor: 3 },
    { result: 'committed', cursor: 3 },
    { result: 'resync', cursor: 1, chain: ahead.stream.chainAt(1) },
    { result: 'resync', cursor: 1, chain: fork.stream.chainAt(1) },
    { result: 'committed', cursor: 2 },
    { result: 'committed', cursor: 2 },
    { result: 'committed', cursor: 3 },
    { result: 'rejected', reason: 'header' },
  ]);
  t.match(await rows('SELECT unit_id, reason FROM aside_rows ORDER BY reason'), [
    { unit_id: foreign.unitId, reason: 'device_of_other_unit' },
    { unit_id: mixed.unitId, reason: 'json' },
  ]);
});

t.test('one that cannot be stored spoils nobody else’s; with the database away all are told to wait', async (t) => {
  const { send, met, hall, addUnit, plan, rows, numbers } = await setup(t);
  const [a, bad, c] = [await met(hall), await addUnit(), await addUnit()];
  for (const one of [a, bad, c]) one.append(1);
  plan.fail = (units) => (units.includes(bad.unitId) ? 'SELECT 1/0' : null);
  t.match(await send([a.input(2), bad.input(2), c.input(2)]), [
    { result: 'committed', cursor: 2 },
    { result: 'committed', cursor: 2 },
    { result: 'committed', cursor: 2 },
  ]);
  t.match(await rows('SELECT unit_id, reason FROM aside_rows'), [{ unit_id: bad.unitId, reason: 'unstorable' }]);
  for (const one of [a, bad, c]) one.append(2);
  plan.fail = () => 'SELECT pg_terminate_backend(pg_backend_pid())';
  t.match(await send([a.input(3), c.input(3)]), [{ result: 'busy' }, { result: 'busy' }]);
  plan.fail = null;
  t.match(await send([a.input(3), c.input(3)]), [{ result: 'committed' }, { result: 'committed' }]);
  t.same(
    await numbers(),
    [...[a, c].flatMap(({ deviceId }) => [0, 1, 2].map((n) => `${deviceId} ${n}`)), `${bad.deviceId} 0`].sort(),
  );
});

t.test('whatever is sent together, in whatever order, each row is there once', async (t) => {
  const { send, met, hall, addUnit, numbers } = await setup(t);
  const units = [await met(hall), await addUnit(), await addUnit(), await addUnit()];
  const sent = units.map(() => 1);
  const step = fc.array(
    fc.record({ unit: fc.nat({ max: 3 }), back: fc.nat({ max: 2 }), count: fc.integer({ min: 1, max: 4 }) }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
      for (const batches of steps) {
        const inputs = batches.map(({ unit, back, count }) => {
          const one = units[unit]!;
          for (let i = 0; i < count; i++) one.append(one.stream.head);
          const first = Math.max(1, sent[unit]! + 1 - back);
          return one.input(first, Math.min(count + back, one.stream.head - first + 1));
        });
        // At once, as two processes would have them.
        const half = inputs.length >> 1;
        const answers = await Promise.all([send(inputs.slice(0, half)), send(inputs.slice(half))]);
        for (const [i, answer] of answers.flat().entries()) {
          const unit = batches[i]!.unit;
          if (!answer || answer.result === 'busy') throw new Error(`answered ${answer?.result}`);
          sent[unit] = Math.max(sent[unit]!, answer.cursor);
        }
      }
    }),
    { numRuns: 15 },
  );
  t.same(
    await numbers(),
    units.flatMap(({ deviceId }, i) => Array.from({ length: sent[i]! }, (_, n) => `${deviceId} ${n}`)).sort(),
  );
});

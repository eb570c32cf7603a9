import { systemClock, uuidv7 } from '@hallhub/shared';
import { defaultBatchLimits, type Lane } from '@hallhub/shared/wire';
import fc from 'fast-check';
import pino from 'pino';
import t from 'tap';
import { startTestDatabase } from '../../db/testing.js';
import { createTelemetry } from '../telemetry/index.js';
import { type IngestDeps, ingestBatch } from './ingest-batch.js';
import { telemetryWriter } from './sample-writer.js';
import { addTestHall, TestStream } from './testing.js';

/** Ingest alone, without a broker, and a database that can be made to fail at its commit. */
const setup = async (t: Parameters<typeof startTestDatabase>[0]) => {
  const database = await startTestDatabase(t);
  const hall = await addTestHall(database);
  const log = pino({ level: 'silent' });
  const telemetry = createTelemetry({ database, logger: log });
  const samples = telemetryWriter(telemetry);
  const plan = { failBeforeCommit: false };
  const deps: IngestDeps = {
    ...{ database, log, clock: systemClock, limits: defaultBatchLimits },
    live: { publish: () => {} },
    writers: {
      alarms: {
        onSamples: async () => {},
        onEvents: async () => {},
        onPresence: async () => {},
        onDevicesGone: async () => {},
      },
      samples: async (batches) => {
        await samples(batches);
        // The connection is cut after the rows were written and before the commit, as by a kill -9 of either side.
        if (plan.failBeforeCommit)
          await batches[0]?.context.tx.$client.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    },
  };
  const send = async (lane: Lane, payload: Buffer) =>
    (await ingestBatch(deps, { unitId: hall.unitId, lane, payload })).answer;
  const rows = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await database.ownerPool.query<T>(sql, values)).rows;
  return { ...hall, database, deps, plan, send, rows };
};

const deviceId = uuidv7();
const at = Date.now() - 60_000;
const row = (i: number) => ({ kind: 'sample', at: at + i, deviceId, values: { n: i } });

type Step =
  | { readonly kind: 'append'; readonly rows: number }
  /** `back`: how far before the next row the batch starts; negative: beyond it. */
  | { readonly kind: 'send'; readonly back: number; readonly count: number }
  | { readonly kind: 'cut'; readonly count: number }
  | { readonly kind: 'wrongPrevChain' | 'wrongChain' | 'wrongCount' | 'gap'; readonly count: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), rows: fc.integer({ min: 1, max: 8 }) }),
  fc.record({
    kind: fc.constant('send' as const),
    back: fc.integer({ min: -2, max: 4 }),
    count: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({ kind: fc.constant('cut' as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.record({
    kind: fc.constantFrom('wrongPrevChain' as const, 'wrongChain' as const, 'wrongCount' as const, 'gap' as const),
    count: fc.integer({ min: 1, max: 3 }),
  }),
);

t.test('whatever a unit sends, in whatever order, each row is there once and the cursor says so', async (t) => {
  const { send, rows, plan, unitId, secret } = await setup(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const epoch = (++run).toString(16).padStart(16, '0');
      const stream = new TestStream({ unitId, secret }, 'live', epoch);
      const model = { cursor: 0, stored: [] as number[] };
      const base = run * 1_000;
      const append = (count: number) => {
        for (let i = 0; i < count; i++) stream.append(row(base + stream.head + 1));
      };
      append(3);
      for (const one of steps) {
        if (one.kind === 'append') {
          append(one.rows);
          continue;
        }
        const back = one.kind === 'send' ? one.back : 0;
        const first = Math.max(1, model.cursor + 1 - back);
        const count = Math.min(one.count, stream.head - first + 1);
        if (count < 1) continue;
        const last = first + count - 1;
        const isNext = first === model.cursor + 1;
        const commit = () => {
          if (one.kind !== 'gap') for (let seq = first; seq <= last; seq++) model.stored.push(base + seq);
          model.cursor = last;
        };
        const answerTo = async (payload: Buffer) => {
          const answer = await send('live', payload);
          return answer.result;
        };
        if (one.kind === 'send') {
          const result = await answerTo(stream.batch(first, count));
          const expected = last <= model.cursor || isNext ? 'committed' : 'resync';
          if (result !== expected) throw new Error(`${result} instead of ${expected}`);
          if (isNext) commit();
        } else if (one.kind === 'cut') {
          plan.failBeforeCommit = true;
          const cut = await answerTo(stream.batch(first, count));
          plan.failBeforeCommit = false;
          if (cut !== 'busy') throw new Error(`${cut} instead of busy`);
          if ((await answerTo(stream.batch(first, count))) !== 'committed')
            throw new Error('not committed after the cut');
          commit();
        } else if (one.kind === 'gap') {
          if ((await answerTo(stream.gap(first, last))) !== 'committed') throw new Error('gap not committed');
          commit();
        } else {
          const zeros = '0'.repeat(64);
          const wrong = {
            wrongPrevChain: () => stream.batch(first, count, { prevChain: zeros, chain: zeros }),
            wrongChain: () => stream.batch(first, count, { chain: zeros }),
            wrongCount: () => stream.batch(first, count, { count: count + 1 }),
          }[one.kind]();
          if ((await answerTo(wrong)) !== 'rejected') throw new Error(`${one.kind} was taken`);
        }
        const [now] = await rows<{ cursor: string; chain: string; row_count: string }>(
          `SELECT cursor, encode(chain, 'hex') AS chain, row_count FROM streams WHERE epoch = $1`,
          [epoch],
        );
        if (!now && model.cursor === 0) continue;
        if (Number(now?.cursor) !== model.cursor || now?.chain !== stream.chainAt(model.cursor))
          throw new Error('cursor');
        if (Number(now?.row_count) !== model.stored.length) throw new Error('row count');
      }
      const stored = await rows<{ number: number }>(
        'SELECT number FROM telemetry_samples WHERE number >= $1 AND number < $2 ORDER BY number',
        [base, base + 1_000],
      );
      return JSON.stringify(stored.map(({ number }) => number)) === JSON.stringify(model.stored);
    }),
    { numRuns: 40 },
  );
  t.pass();
});

t.test('rows that cannot be stored go aside, their neighbours do not', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const poison = [
    '{not json',
    '[]',
    '{"kind":"surprise","at":1}',
    JSON.stringify({ kind: 'seal', at: 1 }),
    JSON.stringify({
      kind: 'event',
      at,
      id: uuidv7(),
      deviceId,
      event: 'x',
      severity: 'info',
      data: { text: 'a\u0000b' },
    }),
    JSON.stringify({
      kind: 'event',
      at,
      id: uuidv7(),
      deviceId,
      event: 'x',
      severity: 'info',
      data: { text: '\ud800' },
    }),
    JSON.stringify(row(1)),
    // Deep enough to overflow the stack of whatever walks it: it must not stop the stream.
    `{"kind":"event","at":${at},"id":"${uuidv7()}","deviceId":"${deviceId}","event":"x","severity":"info","data":{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}}`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(fc.nat(poison.length - 1)), { minLength: 1, maxLength: 40 }), async (plan) => {
      const epoch = uuidv7().replaceAll('-', '').slice(-16);
      const stream = new TestStream({ unitId, secret }, 'events', epoch);
      const good: string[] = [];
      const bad: number[] = [];
      plan.forEach((which, i) => {
        if (which !== null) {
          stream.append(poison[which]!);
          bad.push(i + 1);
          return;
        }
        good.push(uuidv7());
        stream.append({ kind: 'event', at, id: good.at(-1), deviceId, event: 'ok', severity: 'info', data: {} });
      });
      const answer = await send('events', stream.batch(1));
      if (answer.result !== 'committed' || answer.cursor !== plan.length) return false;
      const aside = await rows<{ seq: string; bytes: Buffer }>(
        'SELECT seq, bytes FROM aside_rows WHERE epoch = $1 ORDER BY seq',
        [epoch],
      );
      const events = await rows('SELECT 1 FROM device_events WHERE id = ANY($1)', [good]);
      return (
        JSON.stringify(aside.map(({ seq }) => Number(seq))) === JSON.stringify(bad) &&
        aside.every(({ seq, bytes }) => bytes.equals(stream.rows[Number(seq) - 1]!)) &&
        events.length === good.length
      );
    }),
    { numRuns: 30 },
  );
  t.same(
    (await rows<{ reason: string }>('SELECT DISTINCT reason FROM aside_rows ORDER BY 1')).map(({ reason }) => reason),
    ['contract', 'json', 'unknown_kind', 'unstorable', 'wrong_lane'],
  );
});

t.test('an event with an id seen before is counted once', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const event = { kind: 'event', at, id: uuidv7(), deviceId, event: 'x', severity: 'info', data: {} };
  const stream = new TestStream({ unitId, secret }, 'events').append(event, event);
  await send('events', stream.batch(1));
  stream.append(event);
  t.match(await send('events', stream.batch(3)), { result: 'committed' });
  t.equal((await rows('SELECT 1 FROM device_events')).length, 1);
});

t.test('a unit cannot speak for the device of another', async (t) => {
  const { send, rows, unitId, secret, deps, tenantId, hallId } = await setup(t);
  const { addTestUnit } = await import('./testing.js');
  const other = await addTestUnit(deps.database, { tenantId, hallId });
  await send('live', new TestStream({ unitId, secret }, 'live').append(row(1)).batch(1));
  const theirs = new TestStream(other, 'live').append(row(2), { ...row(3), deviceId: uuidv7() });
  const { answer } = await ingestBatch(deps, { unitId: other.unitId, lane: 'live', payload: theirs.batch(1) });
  t.match(answer, { result: 'committed', cursor: 2 });
  t.match(await rows('SELECT reason, seq FROM aside_rows'), [{ reason: 'device_of_other_unit', seq: '1' }]);
  t.match(await rows('SELECT number FROM telemetry_samples ORDER BY number'), [{ number: 1 }, { number: 3 }]);
});

t.test('a new epoch closes the one before: what comes of it no more counts', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const old = new TestStream({ unitId, secret }, 'live', '00000000000000aa').append(row(1), row(2), row(3));
  await send('live', old.batch(1, 2));
  const next = new TestStream({ unitId, secret }, 'live', '00000000000000bb').append(
    { kind: 'gap', at, reason: 'rollback', previousEpoch: old.epoch },
    row(3),
  );
  t.match(await send('live', next.batch(1)), { result: 'committed', cursor: 2 });
  t.match(await send('live', old.batch(3)), { result: 'resync', cursor: 2, chain: '0'.repeat(64) });
  t.match(await send('live', old.batch(1, 2)), { result: 'committed' }, 'a repeated one is answered as ever');
  t.match(await rows('SELECT number FROM telemetry_samples ORDER BY number'), [
    { number: 1 },
    { number: 2 },
    { number: 3 },
  ]);
  t.match(await rows('SELECT reason, previous_epoch FROM stream_gaps'), [
    { reason: 'rollback', previous_epoch: old.epoch },
  ]);
});

t.test('a copied unit is noticed by its chain', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const one = new TestStream({ unitId, secret }, 'live').append(row(1), row(2), row(3));
  const copy = new TestStream({ unitId, secret }, 'live').append(row(1), row(20), row(30));
  await send('live', one.batch(1, 2));
  t.match(await send('live', copy.batch(3)), { result: 'resync', cursor: 2, chain: one.chainAt(2) });
  t.match(await send('live', copy.batch(1, 2)), { result: 'resync', cursor: 2 }, 'the same numbers with other rows');
  t.match(await send('live', one.batch(3)), { result: 'committed' });
  t.match(await rows('SELECT number FROM telemetry_samples ORDER BY number'), [
    { number: 1 },
    { number: 2 },
    { number: 3 },
  ]);
});

t.test('gaps need the signature of the unit’s own secret', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const stream = new TestStream({ unitId, secret }, 'live').append(row(1), row(2), row(3), row(4));
  await send('live', stream.batch(1, 1));
  t.match(await send('live', stream.gap(2, 3, { secret: 'x'.repeat(72) })), {
    result: 'rejected',
    reason: 'gap',
    cursor: 1,
  });
  t.match(await send('live', stream.gap(3, 3)), { result: 'resync', cursor: 1 });
  t.match(await send('live', stream.gap(2, 3, { reason: 'restored' })), { result: 'committed', cursor: 3 });
  t.match(await send('live', stream.gap(2, 3, { reason: 'restored' })), { result: 'committed', cursor: 3 }, 'again');
  t.match(await send('live', stream.batch(4)), { result: 'committed', cursor: 4 });
  t.match(await rows('SELECT reason, from_seq, to_seq, missing FROM stream_gaps'), [
    { reason: 'restored', from_seq: '2', to_seq: '3', missing: '2' },
  ]);
});

t.test('broken batches change nothing, and say why', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const stream = new TestStream({ unitId, secret }, 'live').append(row(1), row(2));
  const whole = stream.batch(1);
  const cases: [Buffer, string][] = [
    [Buffer.from('nonsense'), 'header'],
    [Buffer.alloc(10_000, 'x'), 'header'],
    [stream.batch(1, 2, { lane: 'backlog' }), 'header'],
    [stream.batch(1, 2, { bytes: 5 }), 'size'],
    [stream.batch(1, 2, { bytes: 1_000_000 }), 'size'],
    [stream.batch(1, 2, { count: 5_000 }), 'size'],
    [whole.subarray(0, whole.length - 9), 'encoding'],
    [stream.batch(1, 2, { encoding: 'identity', bytes: 7 }), 'size'],
    [stream.batch(1, 2, { count: 3 }), 'count'],
    [stream.batch(1, 2, { chain: 'f'.repeat(64) }), 'chain'],
  ];
  for (const [payload, reason] of cases) t.match(await send('live', payload), { result: 'rejected', reason }, reason);
  t.same(await rows('SELECT 1 FROM streams'), []);
  t.match(await send('live', whole), { result: 'committed' });
  const unknown = await ingestBatch((await setup(t)).deps, { unitId, lane: 'live', payload: whole });
  t.match(unknown.answer, { result: 'rejected', reason: 'unknown_unit' });
});

t.test('the unit’s clock is set right, but only where it is far off', async (t) => {
  const { send, rows, unitId, secret } = await setup(t);
  const stream = new TestStream({ unitId, secret }, 'live').append(row(1), row(2), row(3));
  const clock = (offsetMs: number | null) => ({ clock: { state: 'untrusted' as const, segment: 1, offsetMs } });
  await send('live', stream.batch(1, 1, clock(30_000)));
  await send('live', stream.batch(2, 1, clock(-1_999)));
  await send('live', stream.batch(3, 1, clock(null)));
  const seen = await rows<{ at: Date }>('SELECT at FROM telemetry_samples ORDER BY number');
  t.same(
    seen.map((one) => one.at.getTime() - at),
    [30_001, 2, 3],
  );
  t.match(await rows('SELECT number FROM telemetry_latest'), [{ number: 1 }], 'the latest goes by corrected time');
});

t.test('while the database is away a unit is told to wait', async (t) => {
  const { deps, unitId, secret } = await setup(t);
  const stream = new TestStream({ unitId, secret }, 'live').append(row(1));
  const away = {
    ...deps.database,
    appPool: { connect: async () => Promise.reject(new Error('connect ECONNREFUSED')) },
  };
  const { answer } = await ingestBatch(
    { ...deps, database: away as unknown as IngestDeps['database'] },
    { unitId, lane: 'live', payload: stream.batch(1) },
  );
  t.match(answer, { result: 'busy', cursor: 0, chain: stream.chainAt(0), firstSeq: 1, retryAfterMs: 5_000 });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { defaultBatchLimits, type Receipt, receiptSchema } from '@hallhub/shared/wire';
import fc from 'fast-check';
import t from 'tap';
import { folderBlobStore } from '../../blobs/index.js';
import { silentLogger, startTestDatabase } from '../../db/testing.js';
import { testFolder } from '../evidence/testing.js';
import { type IngestDeps, ingestBatch } from '../streams/ingest-batch.js';
import { telemetryWriter } from '../streams/sample-writer.js';
import { addTestHall, TestStream } from '../streams/testing.js';
import { createTelemetry } from '../telemetry/index.js';
import { makeReceipt } from './make-receipt.js';
import { readBundle } from './read-bundle.js';
import { takeBundle } from './take-bundle.js';
import { batchParts, makeTestBundle, streamOf, type TestPart } from './testing.js';

const lanes = ['live', 'backlog'] as const;
const deviceId = uuidv7();
const nobody = async () => {};
const most = 10;
const upTo = (max: number, min = 0) => fc.integer({ min, max });
const lane = upTo(lanes.length - 1);

/** `nth` counts from the newest: of all bundles, or receipts, there ever were. */
type Step =
  | { readonly kind: 'append'; readonly lane: number; readonly rows: number }
  /** The unit sends from what it knows to be acknowledged; the answer may be lost on the way. */
  | { readonly kind: 'line'; readonly lane: number; readonly count: number; readonly heard: boolean }
  /** `left`: how many of the newest rows do not fit. */
  | { readonly kind: 'export'; readonly batch: number; readonly left: number }
  | { readonly kind: 'carry'; readonly nth: number }
  /** Its last parts cannot be committed: the database goes away meanwhile. */
  | { readonly kind: 'interrupted'; readonly nth: number; readonly parts: number }
  | { readonly kind: 'receipt'; readonly nth: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), lane, rows: upTo(8, 1) }),
  fc.record({ kind: fc.constant('line' as const), lane, count: upTo(6, 1), heard: fc.boolean() }),
  fc.record({ kind: fc.constant('export' as const), batch: upTo(5, 1), left: upTo(4) }),
  fc.record({ kind: fc.constant('carry' as const), nth: upTo(most) }),
  fc.record({ kind: fc.constant('interrupted' as const), nth: upTo(most), parts: upTo(3) }),
  fc.record({ kind: fc.constant('receipt' as const), nth: upTo(most) }),
);

const setup = async (t: Parameters<typeof startTestDatabase>[0]) => {
  const database = await startTestDatabase(t);
  const hall = await addTestHall(database);
  const log = silentLogger as never;
  const alarms = { onSamples: nobody, onEvents: nobody, onPresence: nobody, onDevicesGone: nobody };
  const live = { publish: () => {} };
  const writers = { alarms, samples: telemetryWriter(createTelemetry({ database, logger: log })) };
  const ingestDeps: IngestDeps = { database, log, live, writers, clock: systemClock, limits: defaultBatchLimits };
  const folder = testFolder(t);
  const deps = {
    ...{ database, log, live, blobs: folderBlobStore(join(folder, 'blobs')), draftsDir: folder },
    clock: { ...systemClock, sleep: nobody },
    ingest: (input: Parameters<typeof ingestBatch>[1]) => ingestBatch(ingestDeps, input),
    // The signature is not what is looked at here.
    pki: {
      verifyUnit: async () => hall.unitId,
      sign: async () => ({ algorithm: 'ecdsa-p256-sha256' as const, signature: 'AA', certificates: ['x'] }),
      trust: () => ({ version: '1', certificates: ['-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n'] }),
    },
  };
  const carry = async (bytes: Buffer, batches = Number.POSITIVE_INFINITY) => {
    const file = join(folder, 'bundle.hhb');
    writeFileSync(file, bytes);
    let left = batches;
    const ingest: typeof deps.ingest = async (input) => {
      if (left-- > 0) return deps.ingest(input);
      const { answer } = await deps.ingest({ ...input, payload: Buffer.from('{}\n') });
      return { answer: { ...answer, result: 'busy', retryAfterMs: 1 }, rows: 0, aside: 0 };
    };
    const bundle = await readBundle(file, deps.pki);
    const report = await takeBundle({ ...deps, ingest }, { file, bundle });
    const receipt = await makeReceipt(deps, { header: bundle.header, tenantId: hall.tenantId });
    return { report, receipt: receiptSchema.parse(JSON.parse(receipt.split('\n')[0] ?? '')) };
  };
  const send = async (of: TestStream, payload: Buffer) =>
    (await ingestBatch(ingestDeps, { unitId: hall.unitId, lane: of.lane, payload })).answer;
  const rows = async <T extends object>(sql: string, values: unknown[] = []) =>
    (await database.ownerPool.query<T>(sql, values)).rows;
  return { ...hall, carry, send, rows };
};

t.test('bundles in any order, again and again or lost, beside a line that comes and goes', async (t) => {
  const { carry, send, rows, unitId, secret } = await setup(t);
  const at = Date.now() - 3_600_000;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 40 }), async (steps) => {
      const epoch = (++run).toString(16).padStart(16, '0');
      const base = run * 10_000;
      const streams = lanes.map((name) => new TestStream({ unitId, secret }, name, epoch));
      const of = (index: number) => streams[index] as TestStream;
      /** What the unit knows the cloud to have: what it may delete. */
      const known = lanes.map(() => 0);
      /** What the cloud has: a beginning of each stream. */
      const model = lanes.map(() => 0);
      const bundles: { bytes: Buffer; parts: { lane: number; first: number; last: number }[] }[] = [];
      const receipts: Receipt[] = [];
      const append = (index: number, count: number) => {
        for (let i = 0; i < count; i++) {
          const n = base + index * 5_000 + of(index).head + 1;
          of(index).append({ kind: 'sample', at: at + n, deviceId, values: { n } });
        }
      };
      const exported = (batch: number, left: number) => {
        const parts: TestPart[] = [];
        const places: { lane: number; first: number; last: number }[] = [];
        const headers = streams.flatMap((stream, index) => {
          const cursor = known[index] ?? 0;
          const toSeq = stream.head - left;
          if (toSeq <= cursor) return [];
          parts.push(...batchParts(stream, { cursor, toSeq, rows: batch }));
          for (let first = cursor + 1; first <= toSeq; first += batch)
            places.push({ lane: index, first, last: Math.min(first + batch - 1, toSeq) });
          return [streamOf(stream, cursor + 1, toSeq)];
        });
        bundles.push({ bytes: makeTestBundle({ unitId, parts, streams: headers }), parts: places });
      };
      const carried = async (nth: number, batches: number) => {
        const bundle = bundles.at(-1 - nth);
        if (!bundle) return;
        const before = [...model];
        // A part counts where it goes on from what is there, or begins before that and goes on beyond it.
        const stopped = new Set<number>();
        let left = batches;
        for (const { lane, first, last } of bundle.parts) {
          if (stopped.has(lane)) continue;
          const has = model[lane] ?? 0;
          left -= 1;
          if (left < 0) stopped.add(lane);
          else if (last <= has) continue;
          else if (first > has + 1) stopped.add(lane);
          else {
            // What is half there is offered a second time, without what is there.
            if (first <= has) left -= 1;
            if (left < 0) stopped.add(lane);
            else model[lane] = last;
          }
        }
        const { report, receipt } = await carry(bundle.bytes, batches);
        receipts.push(receipt);
        for (const [index, name] of lanes.entries()) {
          const told = report.lanes.find((one) => one.lane === name);
          const counted = (model[index] ?? 0) - (before[index] ?? 0);
          if ((told?.rows ?? 0) !== counted) throw new Error(`${told?.rows} rows of ${name} told, ${counted} counted`);
          if (told && (told.result === 'committed') === stopped.has(index)) throw new Error(`${name}: ${told.result}`);
        }
      };
      const take = ({ streams: cursors }: Receipt) => {
        for (const { lane: name, cursor, chain } of cursors) {
          const index = lanes.indexOf(name as (typeof lanes)[number]);
          if (cursor > (model[index] ?? 0)) throw new Error('a receipt for what is not there');
          if (chain !== of(index).chainAt(cursor)) throw new Error('a receipt with another chain');
          known[index] = Math.max(known[index] ?? 0, cursor);
        }
      };
      const line = async (index: number, count: number, heard: boolean) => {
        const first = (known[index] ?? 0) + 1;
        const last = Math.min(first + count - 1, of(index).head);
        if (last < first) return;
        const { result, cursor } = await send(of(index), of(index).batch(first, last - first + 1));
        const has = model[index] ?? 0;
        const fits = last <= has || first === has + 1;
        if ((result === 'committed') !== fits) throw new Error(`the line: ${result}`);
        model[index] = fits ? Math.max(has, last) : has;
        if (cursor !== model[index]) throw new Error('the line: cursor');
        if (heard) known[index] = Math.max(known[index] ?? 0, cursor);
      };
      for (const one of steps) {
        if (one.kind === 'append') append(one.lane, one.rows);
        else if (one.kind === 'line') await line(one.lane, one.count, one.heard);
        else if (one.kind === 'export') exported(one.batch, one.left);
        else if (one.kind === 'carry') await carried(one.nth, Number.POSITIVE_INFINITY);
        else if (one.kind === 'interrupted') await carried(one.nth, one.parts);
        else {
          const receipt = receipts.at(-1 - one.nth);
          if (receipt) take(receipt);
        }
      }
      // Whatever happened: one more bundle, and everything is there, once.
      exported(7, 0);
      await carried(0, Number.POSITIVE_INFINITY);
      for (const [index, stream] of streams.entries())
        if (model[index] !== stream.head) throw new Error(`${stream.head - (model[index] ?? 0)} rows are lost`);
      const stored = await rows<{ number: number }>(
        'SELECT number FROM telemetry_samples WHERE number > $1 AND number < $2 ORDER BY number',
        [base, base + 10_000],
      );
      const expected = streams.flatMap(({ head }, index) =>
        Array.from({ length: head }, (_, i) => base + index * 5_000 + i + 1),
      );
      return JSON.stringify(stored.map(({ number }) => number)) === JSON.stringify(expected);
    }),
    { numRuns: 30 },
  );
  t.pass();
});

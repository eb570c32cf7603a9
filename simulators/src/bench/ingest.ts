import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { defaultBatchLimits } from '@hallhub/shared/wire';
import pino from 'pino';
import { type Database, migrate, openDatabase } from '../../../cloud/src/db/index.js';
import { ingestBatch } from '../../../cloud/src/modules/streams/ingest-batch.js';
import { telemetryWriter } from '../../../cloud/src/modules/streams/sample-writer.js';
import { addTestHall, addTestUnit } from '../../../cloud/src/modules/streams/testing.js';
import { createTelemetry } from '../../../cloud/src/modules/telemetry/index.js';
import { bareBatches, insertBare, makeBareTable } from './bare-insert.js';
import { type BenchContext, digits, type Figure, runBench } from './bench-run.js';
import { encodeStream } from './ingest-batches.js';
import { meterRows } from './meter-rows.js';
import { cpuSecondsBelow } from './process-figures.js';
import { median } from './statistics.js';

/** Units that send at once, one batch in flight each, as over MQTT. */
const units = 4;
const devicesOfUnit = 20;

interface Shape {
  readonly valuesOfRow: number;
  readonly batchRows: number;
  readonly batches: number;
}

interface Timing {
  readonly wallS: number;
  readonly nodeCpuS: number;
  readonly postgresCpuS: number;
}

const timed = async <T>(work: readonly (readonly T[])[], each: (unit: number, item: T) => Promise<void>) => {
  const [cpu, postgresS, startMs] = [process.cpuUsage(), cpuSecondsBelow(process.pid), performance.now()];
  await Promise.all(
    work.map(async (items, unit) => {
      for (const item of items) await each(unit, item);
    }),
  );
  const used = process.cpuUsage(cpu);
  return {
    wallS: (performance.now() - startMs) / 1_000,
    nodeCpuS: (used.user + used.system) / 1_000_000,
    postgresCpuS: cpuSecondsBelow(process.pid) - postgresS,
  };
};

const openBenchCloud = async (database: Database) => {
  const log = pino({ level: 'warn' }, pino.destination(2));
  await migrate(database, { logger: log });
  const hall = await addTestHall(database);
  const more = await Promise.all(Array.from({ length: units - 1 }, () => addTestUnit(database, hall)));
  const telemetry = createTelemetry({ database, logger: log });
  await telemetry.preparePartitions();
  const nothing = async () => {};
  const deps = {
    database,
    log,
    clock: systemClock,
    live: { publish: () => {} },
    writers: {
      samples: telemetryWriter(telemetry),
      alarms: { onSamples: nothing, onEvents: nothing, onPresence: nothing, onDevicesGone: nothing },
    },
    limits: defaultBatchLimits,
  };
  const unitIds = [hall.unitId, ...more.map(({ unitId }) => unitId)];
  const devices = unitIds.map(() => Array.from({ length: devicesOfUnit }, () => uuidv7()));
  return { tenantId: hall.tenantId, unitIds, devices, deps };
};

const compare = async (
  cloud: Awaited<ReturnType<typeof openBenchCloud>>,
  shape: Shape,
  { progress, rounds }: { progress: BenchContext['progress']; rounds: number },
) => {
  const { database } = cloud.deps;
  const pairs: { ingest: Timing; bare: Timing }[] = [];
  for (let round = -1; round < rounds; round++) {
    const epoch = randomBytes(8).toString('hex');
    const rows = cloud.unitIds.map((_, u) =>
      meterRows(shape.batchRows * shape.batches, {
        values: shape.valuesOfRow,
        deviceIds: cloud.devices[u] ?? [],
      }),
    );
    const payloads = cloud.unitIds.map((unitId, u) =>
      encodeStream({ unitId, epoch, rows: rows[u] ?? [], batchRows: shape.batchRows }),
    );
    const columns = rows.map((some) => bareBatches(some, shape.batchRows));
    // Neither side is to grow on what earlier rounds left.
    await makeBareTable(database);
    await database.ownerPool.query('TRUNCATE telemetry_samples, telemetry_marks');
    await database.ownerPool.query('CHECKPOINT').catch(() => undefined);
    const ingest = () =>
      timed(payloads, async (u, payload) => {
        const { answer, aside } = await ingestBatch(cloud.deps, {
          unitId: cloud.unitIds[u] as string,
          lane: 'live',
          payload,
        });
        if (answer.result !== 'committed' || aside > 0) throw new Error(`a batch was ${answer.result}, ${aside} aside`);
      });
    const bare = () => timed(columns, (_, batch) => insertBare(database, cloud.tenantId, batch));
    const bareFirst = round % 2 === 0;
    const early = bareFirst ? await bare() : undefined;
    const ours = await ingest();
    const pair = { ingest: ours, bare: early ?? (await bare()) };
    const { rows: counted } = await database.ownerPool.query<{ count: string }>(
      'SELECT count(*) FROM telemetry_samples',
    );
    const values = units * shape.batches * shape.batchRows * shape.valuesOfRow;
    if (Number(counted[0]?.count) !== values) throw new Error(`${counted[0]?.count} of ${values} values were stored`);
    if (round < 0) continue;
    pairs.push(pair);
    progress(
      `${shape.valuesOfRow} values a row, round ${round + 1} of ${rounds}: ${(pair.bare.wallS / ours.wallS).toFixed(2)} of the bare insert`,
    );
  }
  return pairs;
};

const figureOf = (shape: Shape, pairs: readonly { ingest: Timing; bare: Timing }[]): Figure => {
  const values = units * shape.batches * shape.batchRows * shape.valuesOfRow;
  const per = (side: 'ingest' | 'bare', field: keyof Timing) => median(pairs.map((pair) => pair[side][field]));
  const cpu = (side: 'ingest' | 'bare') =>
    `${(per(side, 'nodeCpuS') / (values / 100_000)).toFixed(2)} s node + ${(per(side, 'postgresCpuS') / (values / 100_000)).toFixed(2)} s PostgreSQL`;
  return {
    what: `ingest path, against a bare unnest insert (${shape.valuesOfRow === 1 ? 'one value' : `${shape.valuesOfRow} values`} a row)`,
    value: Number(median(pairs.map(({ ingest, bare }) => bare.wallS / ingest.wallS)).toFixed(2)),
    unit: '×',
    aim: { atLeast: 0.6 },
    detail: `${digits(values / per('ingest', 'wallS'))} values/s against ${digits(values / per('bare', 'wallS'))}, ${units} units, ${shape.batchRows} rows a batch; CPU per 100,000 values ${cpu('ingest')} against ${cpu('bare')}`,
  };
};

await runBench(async ({ progress, quick }) => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-bench-ingest-'));
  chmodSync(folder, 0o711);
  const database = await openDatabase({ dataDir: folder, logger: pino({ level: 'error' }, pino.destination(2)) });
  try {
    const cloud = await openBenchCloud(database);
    const rounds = quick ? 3 : 9;
    const figures: Figure[] = [];
    for (const valuesOfRow of [4, 1]) {
      const shape = { valuesOfRow, batchRows: 1_000, batches: quick ? 5 : 10 };
      figures.push(figureOf(shape, await compare(cloud, shape, { progress, rounds })));
    }
    return figures;
  } finally {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

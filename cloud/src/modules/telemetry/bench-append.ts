import { uuidv7 } from '@hallhub/shared';
import type { Pool } from 'pg';
import { type Database, type DbLogger, withTenant } from '../../db/index.js';
import { createTelemetry } from './telemetry.js';
import type { SampleInput } from './verbs/append-samples.js';

export interface AppendBenchOptions {
  readonly database: Database;
  readonly logger: DbLogger;
  /** Values in all; a multiple of a batch's. */
  readonly values?: number;
  /** Of each unit. */
  readonly devices?: number;
  readonly properties?: number;
  /** Sample rows in a batch, as the wire carries them. */
  readonly batchRows?: number;
  /** Units that send at once, each with devices of its own and one batch in flight. */
  readonly units?: number;
  readonly rounds?: number;
}

export interface AppendBenchResult {
  readonly values: number;
  readonly batchValues: number;
  readonly appendPerSecond: number;
  readonly barePerSecond: number;
  /** append / bare, the median over the rounds; each round runs both, in turns of who goes first. */
  readonly ratio: number;
}

const bareTable = `DROP TABLE IF EXISTS bench_samples;
  CREATE TABLE bench_samples (at timestamptz NOT NULL, number double precision, point_id integer NOT NULL,
    kind smallint NOT NULL, quality smallint NOT NULL, tenant_id uuid NOT NULL, text text);
  CREATE INDEX ON bench_samples (point_id, at)`;

const bareInsert = `INSERT INTO bench_samples (at, number, point_id, kind, quality, tenant_id, text)
  SELECT u.at, u.number, u.point_id, u.kind, u.quality, $1::uuid, u.text
  FROM unnest($2::timestamptz[], $3::float8[], $4::int4[], $5::int2[], $6::int2[], $7::text[]) AS u(at, number, point_id, kind, quality, text)`;

interface BareBatch {
  readonly at: Date[];
  readonly number: number[];
  readonly pointId: number[];
  readonly kind: number[];
  readonly quality: number[];
  readonly text: null[];
}

type Shape = Required<Pick<AppendBenchOptions, 'values' | 'devices' | 'properties' | 'batchRows' | 'units'>>;

/** One list of batches a unit. */
const makeBatches = ({ values, devices, properties, batchRows, units }: Shape): SampleInput[][][] => {
  const names = Array.from({ length: properties }, (_, i) => `property${i}`);
  const count = Math.max(1, Math.floor(values / (batchRows * properties * units)));
  const endMs = Date.now();
  return Array.from({ length: units }, () => {
    const deviceIds = Array.from({ length: devices }, () => uuidv7());
    return Array.from({ length: count }, (_, b): SampleInput[] =>
      Array.from({ length: batchRows }, (_, i) => {
        const seq = b * batchRows + i;
        return {
          deviceId: deviceIds[seq % devices] as string,
          at: endMs - (count * batchRows - seq) * 5,
          seq,
          values: Object.fromEntries(names.map((name, n) => [name, ((seq * 31 + n * 7) % 1000) + 0.25])),
        };
      }),
    );
  });
};

const toBare = (batch: readonly SampleInput[]): BareBatch => {
  const rows = batch.flatMap((sample) =>
    Object.values(sample.values).map((value, n) => ({
      at: new Date(sample.at),
      number: value as number,
      pointId: (sample.seq % 40) * 10 + n,
    })),
  );
  return {
    at: rows.map((row) => row.at),
    number: rows.map((row) => row.number),
    pointId: rows.map((row) => row.pointId),
    kind: rows.map(() => 1),
    quality: rows.map(() => 0),
    text: rows.map(() => null),
  };
};

const insertBare = async (pool: Pool, tenantId: string, batch: BareBatch): Promise<void> => {
  await pool.query({
    name: 'bench-bare',
    text: bareInsert,
    values: [tenantId, batch.at, batch.number, batch.pointId, batch.kind, batch.quality, batch.text],
  });
};

const timed = async <T>(units: readonly (readonly T[])[], work: (item: T) => Promise<void>): Promise<number> => {
  const startMs = performance.now();
  await Promise.all(
    units.map(async (batches) => {
      for (const batch of batches) await work(batch);
    }),
  );
  return (performance.now() - startMs) / 1000;
};

/**
 * `appendSamples` (rows, latest values, marks, row-level security, partitions, in `withTenant`) against a bare
 * `INSERT … SELECT FROM unnest` of the same rows with the same index, one transaction a batch on both sides.
 */
export const benchAppend = async (options: AppendBenchOptions): Promise<AppendBenchResult> => {
  const { database, logger, rounds = 5 } = options;
  const shape = { values: 100_000, devices: 40, properties: 4, batchRows: 250, units: 1, ...options };
  const tenantId = uuidv7();
  await database.ownerPool.query("INSERT INTO tenants (id, code, name) VALUES ($1, $2, 'bench')", [
    tenantId,
    `bench-${tenantId}`,
  ]);
  const telemetry = createTelemetry({ database, logger });
  await telemetry.preparePartitions();
  const ratios: { ratio: number; append: number; bare: number }[] = [];
  let values = 0;
  for (let round = 0; round < rounds; round++) {
    const batches = makeBatches(shape);
    const bareBatches = batches.map((unit) => unit.map(toBare));
    values = batches.flat(2).length * shape.properties;
    await database.ownerPool.query(bareTable);
    const append = () =>
      timed(batches, async (batch) => {
        await withTenant(database, { tenantId }, (tx) => telemetry.appendSamples(tx, { tenantId }, batch));
      });
    const bare = () => timed(bareBatches, (batch) => insertBare(database.ownerPool, tenantId, batch));
    const bareFirst = round % 2 === 1;
    const earlyBareS = bareFirst ? await bare() : 0;
    const appendS = await append();
    const bareS = bareFirst ? earlyBareS : await bare();
    ratios.push({ append: values / appendS, bare: values / bareS, ratio: bareS / appendS });
  }
  await database.ownerPool.query('DROP TABLE bench_samples');
  const middle = ratios.toSorted((a, b) => a.ratio - b.ratio)[Math.floor(ratios.length / 2)];
  return {
    values,
    batchValues: shape.batchRows * shape.properties,
    appendPerSecond: Math.round(middle?.append ?? 0),
    barePerSecond: Math.round(middle?.bare ?? 0),
    ratio: Number((middle?.ratio ?? 0).toFixed(2)),
  };
};

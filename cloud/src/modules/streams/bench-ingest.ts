import { gzipSync } from 'node:zlib';
import { systemClock, uuidv7 } from '@hallhub/shared';
import { type BatchHeader, defaultBatchLimits, encodeBatch } from '@hallhub/shared/wire';
import type { Pool } from 'pg';
import { type Database, type DbLogger, withSystem, withTenant } from '../../db/index.js';
import { AlarmEngine } from '../alarms/alarm-engine.js';
import { RuleBook } from '../alarms/rule-book.js';
import { ProfileBook } from '../fleet/profile-book.js';
import { createTelemetry } from '../telemetry/index.js';
import { type IngestDeps, ingestBatch } from './ingest-batch.js';
import { telemetryWriter } from './sample-writer.js';
import { chainRows, seedChain } from './stream-chain.js';

export interface IngestBenchOptions {
  readonly database: Database;
  readonly logger: DbLogger & IngestDeps['log'];
  /** Sample rows of each unit in a round. */
  readonly rows?: number;
  readonly batchRows?: number;
  readonly devices?: number;
  readonly properties?: number;
  /** Units that send at once, one batch in flight each. */
  readonly units?: number;
  readonly rounds?: number;
}

export interface IngestBenchResult {
  /** Values (one row of telemetry each) a second. */
  readonly ingestPerSecond: number;
  readonly barePerSecond: number;
  /** ingest / bare, the median over the rounds; who goes first takes turns. */
  readonly ratio: number;
  /** CPU seconds of this process for 100,000 values through ingest. */
  readonly cpuSecondsPer100k: number;
}

interface Unit {
  readonly unitId: string;
  readonly tenantId: string;
  readonly batches: readonly Buffer[];
  readonly bare: readonly Bare[];
}

interface Bare {
  readonly at: Date[];
  readonly number: number[];
  readonly pointId: number[];
}

type Shape = Required<Pick<IngestBenchOptions, 'rows' | 'batchRows' | 'devices' | 'properties'>>;

/** Batches as they come off the wire: chained, gzipped, with their headers. And the same values bare. */
const makeUnit = (place: { tenantId: string; unitId: string }, shape: Shape): Unit => {
  const { rows, batchRows, devices, properties } = shape;
  const { unitId, tenantId } = place;
  const epoch = uuidv7().replaceAll('-', '').slice(-16);
  const deviceIds = Array.from({ length: devices }, () => uuidv7());
  const names = Array.from({ length: properties }, (_, i) => `property${i}`);
  const batches: Buffer[] = [];
  const bare: Bare[] = [];
  let chain = seedChain(unitId, 'live', epoch);
  const startMs = Date.now() - rows * 5;
  for (let first = 1; first <= rows; first += batchRows) {
    const count = Math.min(batchRows, rows - first + 1);
    const columns: Bare = { at: [], number: [], pointId: [] };
    const lines = Array.from({ length: count }, (_, i) => {
      const seq = first + i;
      const values = Object.fromEntries(names.map((name, n) => [name, ((seq * 31 + n * 7) % 1000) + 0.25]));
      for (const [n, value] of Object.values(values).entries()) {
        columns.at.push(new Date(startMs + seq * 5));
        columns.number.push(value);
        columns.pointId.push((seq % devices) * properties + n);
      }
      const deviceId = deviceIds[seq % devices];
      return Buffer.from(JSON.stringify({ kind: 'sample', at: startMs + seq * 5, deviceId, values }));
    });
    const chains = chainRows(chain, lines);
    const body = Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from('\n'), line])));
    const header: BatchHeader = {
      ...{ v: 1, lane: 'live', epoch, firstSeq: first, count, prevChain: chain.toString('hex') },
      ...{ chain: chains.at(-1)!.toString('hex'), bootId: unitId, monoMs: 1, sentAt: startMs },
      ...{ clock: { state: 'trusted', segment: 1, offsetMs: 0 }, encoding: 'gzip', bytes: body.length },
    };
    batches.push(Buffer.from(encodeBatch(header, gzipSync(body))));
    bare.push(columns);
    chain = chains.at(-1)!;
  }
  return { unitId, tenantId, batches, bare };
};

const addUnits = async (database: Database, count: number): Promise<{ tenantId: string; unitId: string }[]> => {
  const [tenantId, regionId, hallId] = [uuidv7(), uuidv7(), uuidv7()];
  const unitIds = Array.from({ length: count }, () => uuidv7());
  await withSystem(database, async ({ $client: client }) => {
    await client.query('INSERT INTO tenants (id, code, name) VALUES ($1, $2, $2)', [tenantId, `bench-${tenantId}`]);
    await client.query(`INSERT INTO regions (id, tenant_id, code, name) VALUES ($1, $2, 'r', 'r')`, [
      regionId,
      tenantId,
    ]);
    await client.query(
      `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone) VALUES ($1, $2, $3, 'h', 'h', 'UTC')`,
      [hallId, tenantId, regionId],
    );
    for (const unitId of unitIds) {
      await client.query(
        `INSERT INTO units (id, tenant_id, hall_id, name, secret_hash) VALUES ($1, $2, $3, 'bench', $4)`,
        [unitId, tenantId, hallId, Buffer.alloc(32)],
      );
      await client.query('INSERT INTO unit_links (unit_id, tenant_id) VALUES ($1, $2)', [unitId, tenantId]);
    }
  });
  return unitIds.map((unitId) => ({ tenantId, unitId }));
};

const bareTable = `DROP TABLE IF EXISTS bench_samples;
  CREATE TABLE bench_samples (at timestamptz NOT NULL, number double precision, point_id integer NOT NULL,
    kind smallint NOT NULL, quality smallint NOT NULL, tenant_id uuid NOT NULL, text text);
  CREATE INDEX ON bench_samples (point_id, at)`;

const bareInsert = `INSERT INTO bench_samples (at, number, point_id, kind, quality, tenant_id)
  SELECT u.at, u.number, u.point_id, 1, 0, $1::uuid FROM unnest($2::timestamptz[], $3::float8[], $4::int4[]) AS u(at, number, point_id)`;

/** The same values by one bare statement a batch, in a transaction of its own, as the application's role. */
const runBare = async (database: Database, unit: Unit): Promise<void> => {
  for (const { at, number, pointId } of unit.bare) {
    await withTenant(database, unit, (tx) =>
      tx.$client.query({ name: 'bench-bare', text: bareInsert, values: [unit.tenantId, at, number, pointId] }),
    );
  }
};

const runIngest = async (deps: IngestDeps, unit: Unit): Promise<void> => {
  for (const payload of unit.batches) {
    const { answer } = await ingestBatch(deps, { unitId: unit.unitId, lane: 'live', payload });
    if (answer.result !== 'committed') throw new Error(`answered ${answer.result}`);
  }
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** Everything between a payload and its answer, against one bare insert of the same values with the same index. */
export const benchIngest = async (options: IngestBenchOptions): Promise<IngestBenchResult> => {
  const { database, logger, batchRows = 500, devices = 20, properties = 4, units = 2, rounds = 5 } = options;
  const { rows = 10_000 } = options;
  const shape = { rows, batchRows, devices, properties };
  const shared = { database, clock: systemClock, live: { publish: () => {} }, log: logger };
  const rules = new RuleBook(new ProfileBook(), systemClock);
  const deps: IngestDeps = {
    ...shared,
    limits: defaultBatchLimits,
    writers: {
      samples: telemetryWriter(createTelemetry({ database, logger })),
      alarms: new AlarmEngine({ ...shared, rules }),
    },
  };
  await (database.ownerPool as Pool).query(bareTable);
  const places = await addUnits(database, units);
  const results: { ingest: number; bare: number; cpu: number }[] = [];
  const values = rows * properties * units;
  for (let round = -1; round < rounds; round++) {
    const made = places.map((place) => makeUnit(place, shape));
    const one = { ingest: 0, bare: 0, cpu: 0 };
    const measure = async (what: 'ingest' | 'bare'): Promise<void> => {
      const cpu = process.cpuUsage();
      const startMs = performance.now();
      await Promise.all(made.map((unit) => (what === 'ingest' ? runIngest(deps, unit) : runBare(database, unit))));
      one[what] = values / ((performance.now() - startMs) / 1_000);
      const used = process.cpuUsage(cpu);
      if (what === 'ingest') one.cpu = (used.user + used.system) / 1e6 / (values / 100_000);
    };
    for (const what of round % 2 === 0 ? (['ingest', 'bare'] as const) : (['bare', 'ingest'] as const)) {
      await measure(what);
    }
    // The first round makes points, partitions and plans.
    if (round >= 0) results.push(one);
  }
  return {
    ingestPerSecond: Math.round(median(results.map(({ ingest }) => ingest))),
    barePerSecond: Math.round(median(results.map(({ bare }) => bare))),
    ratio: Number(median(results.map(({ ingest, bare }) => ingest / bare)).toFixed(3)),
    cpuSecondsPer100k: Number(median(results.map(({ cpu }) => cpu)).toFixed(2)),
  };
};

import type { SampleRow } from '@hallhub/shared/wire';
import type { Database } from '../../../cloud/src/db/index.js';

/** The columns and the index of `telemetry_samples`, and nothing else: no partitions, no policies, no neighbours. */
const table = `DROP TABLE IF EXISTS bench_samples;
  CREATE TABLE bench_samples (at timestamptz NOT NULL, number double precision, point_id integer NOT NULL,
    kind smallint NOT NULL, quality smallint NOT NULL, tenant_id uuid NOT NULL, text text);
  CREATE INDEX ON bench_samples (point_id, at)`;

const insert = `INSERT INTO bench_samples (at, number, point_id, kind, quality, tenant_id, text)
  SELECT u.at, u.number, u.point_id, u.kind, u.quality, $1::uuid, u.text
  FROM unnest($2::timestamptz[], $3::float8[], $4::int4[], $5::int2[], $6::int2[], $7::text[]) AS u(at, number, point_id, kind, quality, text)`;

/** One statement's values, in columns, as the driver takes them. */
export interface BareBatch {
  readonly at: Date[];
  readonly number: number[];
  readonly pointId: number[];
  readonly kind: number[];
  readonly quality: number[];
  readonly text: null[];
}

export const bareBatches = (rows: readonly SampleRow[], batchRows: number): BareBatch[] => {
  const points = new Map<string, number>();
  const batches: BareBatch[] = [];
  for (let from = 0; from < rows.length; from += batchRows) {
    const flat = rows.slice(from, from + batchRows).flatMap(({ at, deviceId, values }) =>
      Object.entries(values).map(([property, value]) => {
        const key = `${deviceId} ${property}`;
        const pointId = points.get(key) ?? points.size + 1;
        points.set(key, pointId);
        return { at: new Date(at), number: Number(value), pointId };
      }),
    );
    batches.push({
      at: flat.map(({ at }) => at),
      number: flat.map(({ number }) => number),
      pointId: flat.map(({ pointId }) => pointId),
      kind: flat.map(() => 1),
      quality: flat.map(() => 0),
      text: flat.map(() => null),
    });
  }
  return batches;
};

export const makeBareTable = async ({ ownerPool }: Database): Promise<void> => {
  await ownerPool.query(table);
};

/** One statement, one transaction. */
export const insertBare = async ({ ownerPool }: Database, tenantId: string, batch: BareBatch): Promise<void> => {
  await ownerPool.query({
    name: 'bench-bare',
    text: insert,
    values: [tenantId, batch.at, batch.number, batch.pointId, batch.kind, batch.quality, batch.text],
  });
};

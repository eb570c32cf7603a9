import { int2Array, storableText, type Tx, textArray, timestamptzArray } from '../../db/index.js';
import type { SampleInput } from './sample-columns.js';
import { qualityCode } from './sample-value.js';

interface Arrival {
  readonly tenantId: string;
  readonly nowMs: number;
}

/** Counts what did not become rows, by device and day of arrival. */
export const countRefused = async (
  tx: Tx,
  facts: Arrival & { readonly reason: 'expired' | 'future' },
  samples: readonly SampleInput[],
): Promise<void> => {
  const devices = new Map<string, { count: number; first: number; last: number }>();
  for (const { deviceId, at, values } of samples) {
    const seen = devices.get(deviceId) ?? { count: 0, first: at, last: at };
    seen.count += Object.keys(values).length;
    seen.first = Math.min(seen.first, at);
    seen.last = Math.max(seen.last, at);
    devices.set(deviceId, seen);
  }
  const rows = [...devices.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.$client.query(
    `INSERT INTO telemetry_refused AS r (tenant_id, device_id, day, reason, count, first_at, last_at)
     SELECT $1::uuid, u.device_id, $2::date, $3, u.count, u.first_at, u.last_at
     FROM unnest($4::uuid[], $5::int8[], $6::timestamptz[], $7::timestamptz[]) AS u(device_id, count, first_at, last_at)
     ON CONFLICT (tenant_id, device_id, day, reason) DO UPDATE SET count = r.count + excluded.count,
       first_at = least(r.first_at, excluded.first_at), last_at = greatest(r.last_at, excluded.last_at)`,
    [
      facts.tenantId,
      new Date(facts.nowMs).toISOString().slice(0, 10),
      facts.reason,
      rows.map(([deviceId]) => deviceId),
      rows.map(([, seen]) => seen.count),
      timestamptzArray(rows.map(([, seen]) => seen.first)),
      timestamptzArray(rows.map(([, seen]) => seen.last)),
    ],
  );
};

/** Keeps them whole. */
export const quarantine = async (
  tx: Tx,
  { tenantId, nowMs }: Arrival,
  samples: readonly SampleInput[],
): Promise<void> => {
  const rows = samples.flatMap((sample) =>
    Object.entries(sample.values).map(([property, value]) => ({
      sample,
      property,
      value: JSON.stringify(typeof value === 'string' ? storableText(value) : value),
    })),
  );
  await tx.$client.query(
    `INSERT INTO telemetry_quarantine (tenant_id, device_id, property, at, seq, value, quality, received_at)
     SELECT $1::uuid, u.device_id, u.property, u.at, u.seq, u.value::jsonb, u.quality, $2
     FROM unnest($3::uuid[], $4::text[], $5::timestamptz[], $6::int8[], $7::text[], $8::int2[]) AS u(device_id, property, at, seq, value, quality)`,
    [
      tenantId,
      new Date(nowMs).toISOString(),
      rows.map(({ sample }) => sample.deviceId),
      rows.map(({ property }) => property),
      timestamptzArray(rows.map(({ sample }) => sample.at)),
      rows.map(({ sample }) => sample.seq),
      textArray(rows.map(({ value }) => value)),
      int2Array(rows.map(({ sample, property }) => qualityCode(sample.quality?.[property]))),
    ],
  );
};

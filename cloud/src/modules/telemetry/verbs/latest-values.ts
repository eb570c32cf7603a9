import type { Tx } from '../../../db/index.js';
import { fromStored, type Quality, qualityName, type SampleValue } from '../sample-value.js';

export interface LatestValue {
  readonly deviceId: string;
  readonly property: string;
  /** Corrected unit time, epoch ms. */
  readonly at: number;
  readonly value: SampleValue;
  readonly quality: Quality;
}

/** The newest value of every property of these devices, by device order. Devices of other tenants give nothing. */
export const latestValues = async (tx: Tx, deviceIds: readonly string[]): Promise<LatestValue[]> => {
  if (deviceIds.length === 0) return [];
  const { rows } = await tx.$client.query<{
    device_id: string;
    property: string;
    at: Date;
    kind: number;
    number: number | null;
    text: string | null;
    quality: number;
  }>(
    `SELECT p.device_id, p.property, l.at, l.kind, l.number, l.text, l.quality
     FROM telemetry_points p JOIN telemetry_latest l ON l.point_id = p.id
     WHERE p.device_id = ANY ($1::uuid[]) ORDER BY p.device_id, p.property`,
    [deviceIds],
  );
  return rows.map((row) => ({
    deviceId: row.device_id,
    property: row.property,
    at: row.at.getTime(),
    value: fromStored(row),
    quality: qualityName(row.quality),
  }));
};

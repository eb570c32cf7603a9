import type { EventRow } from '@hallhub/shared/wire';
import type { IngestContext } from '../streams/ingest-context.js';
import type { PlacedRow } from '../streams/read-rows.js';

export interface AppendedEvent {
  readonly id: string;
  readonly atMs: number;
  readonly row: EventRow;
}

/** Adds device events; one whose id was seen from that device before is counted once. Gives those that are new. */
export const appendEvents = async (
  context: IngestContext,
  placed: readonly PlacedRow<EventRow>[],
): Promise<AppendedEvent[]> => {
  if (placed.length === 0) return [];
  const records = placed.map(({ row }) => ({
    device_id: row.deviceId,
    id: row.id,
    event: row.event,
    severity: row.severity,
    data: row.data,
    at: new Date(context.correctedMs(row.at)).toISOString(),
    unit_at: new Date(row.at).toISOString(),
    device_at: row.deviceAt === undefined ? null : new Date(row.deviceAt).toISOString(),
  }));
  const { rows } = await context.tx.$client.query<{ device_id: string; id: string }>({
    name: 'append-events',
    text: `INSERT INTO device_events (tenant_id, unit_id, hall_id, received_at, device_id, id, event, severity, data, at, unit_at, device_at)
      SELECT $1, $2, $3, $4, r.* FROM jsonb_to_recordset($5::jsonb) AS r(device_id uuid, id uuid, event text, severity text, data jsonb,
        at timestamptz, unit_at timestamptz, device_at timestamptz)
      ON CONFLICT DO NOTHING RETURNING device_id, id`,
    values: [context.tenantId, context.unitId, context.hallId, context.receivedAt, JSON.stringify(records)],
  });
  const added = new Set(rows.map((row) => `${row.device_id} ${row.id}`));
  const appended: AppendedEvent[] = [];
  for (const { row } of placed) {
    // Taken out when used: the same id twice in one batch is one event too.
    if (added.delete(`${row.deviceId} ${row.id}`)) {
      appended.push({ id: row.id, atMs: context.correctedMs(row.at), row });
    }
  }
  return appended;
};

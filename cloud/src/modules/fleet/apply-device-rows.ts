import type { DeviceRow } from '@hallhub/shared/wire';
import { type IngestContext, setAside } from '../streams/ingest-context.js';
import type { AsideRow, PlacedRow } from '../streams/read-rows.js';

/**
 * Mirrors the unit's registry: the highest revision of each device stands. A device that belongs to another unit is not
 * taken over: its row goes aside.
 */
export const applyDeviceRows = async (
  context: IngestContext,
  placed: readonly PlacedRow<DeviceRow>[],
): Promise<{ readonly aside: AsideRow[]; readonly gone: string[] }> => {
  if (placed.length === 0) return { aside: [], gone: [] };
  const newest = new Map<string, PlacedRow<DeviceRow>>();
  for (const one of placed) {
    const before = newest.get(one.row.deviceId);
    if (!before || one.row.revision >= before.row.revision) newest.set(one.row.deviceId, one);
  }
  const { tx, tenantId, unitId, hallId, receivedAt } = context;
  const records = [...newest.values()]
    .sort((a, b) => (a.row.deviceId < b.row.deviceId ? -1 : 1))
    .map(({ row }) => ({
      id: row.deviceId,
      revision: row.revision,
      state: row.state,
      vendor: row.identity.vendor,
      model: row.identity.model,
      serial: row.identity.serial,
      firmware: row.identity.firmware ?? null,
      hardware: row.identity.hardware ?? null,
      device_class: row.deviceClass,
      name: row.name ?? null,
      counter_id: row.counterId ?? null,
      protocol: row.protocol,
      address: row.address,
      profile_id: row.profile?.id ?? null,
      profile_version: row.profile?.version ?? null,
      profile_hash: row.profile?.hash ?? null,
      reason: row.reason ?? null,
      created_at: new Date(context.correctedMs(row.at)).toISOString(),
    }));
  const changed = await tx.$client.query<{ id: string; state: string }>({
    name: 'apply-device-rows',
    text: `INSERT INTO devices AS d (tenant_id, unit_id, hall_id, updated_at, id, revision, state, vendor, model, serial, firmware, hardware,
        device_class, name, counter_id, protocol, address, profile_id, profile_version, profile_hash, reason, created_at)
      SELECT $1, $2, $3, $4, r.* FROM jsonb_to_recordset($5::jsonb) AS r(id uuid, revision int, state text, vendor text, model text,
        serial text, firmware text, hardware text, device_class text, name text, counter_id uuid, protocol text, address text,
        profile_id text, profile_version text, profile_hash text, reason text, created_at timestamptz)
      ON CONFLICT (tenant_id, id) DO UPDATE SET hall_id = excluded.hall_id, updated_at = excluded.updated_at, revision = excluded.revision,
        state = excluded.state, vendor = excluded.vendor, model = excluded.model, serial = excluded.serial, firmware = excluded.firmware,
        hardware = excluded.hardware, device_class = excluded.device_class, name = excluded.name, counter_id = excluded.counter_id,
        protocol = excluded.protocol, address = excluded.address, profile_id = excluded.profile_id,
        profile_version = excluded.profile_version, profile_hash = excluded.profile_hash, reason = excluded.reason, version = d.version + 1
      WHERE d.unit_id = excluded.unit_id AND d.revision < excluded.revision
      RETURNING id, state`,
    values: [tenantId, unitId, hallId, receivedAt, JSON.stringify(records)],
  });
  for (const { id } of changed.rows) {
    context.announce({ topic: 'devices', type: 'device.changed', deviceId: id, data: { deviceId: id } });
  }
  const gone = changed.rows.filter(({ state }) => state === 'retired' || state === 'refused').map(({ id }) => id);
  if (changed.rows.length === records.length) return { aside: [], gone };
  const untouched = records.map(({ id }) => id).filter((id) => !changed.rows.some((row) => row.id === id));
  const foreign = await tx.$client.query<{ id: string }>(
    'SELECT id FROM devices WHERE tenant_id = $1 AND id = ANY($2) AND unit_id <> $3',
    [tenantId, untouched, unitId],
  );
  const foreignIds = new Set(foreign.rows.map(({ id }) => id));
  const aside = placed
    .filter(({ row }) => foreignIds.has(row.deviceId))
    .map((one) => setAside(one, 'device_of_other_unit', `Device ${one.row.deviceId} belongs to another unit`));
  return { aside, gone };
};

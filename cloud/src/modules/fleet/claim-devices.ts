import type { DeviceState } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import type { IngestContext } from '../streams/ingest-context.js';

/** What ingest needs to know of a device. */
export interface DeviceFacts {
  readonly id: string;
  readonly unitId: string;
  readonly revision: number;
  readonly state: DeviceState;
  readonly name: string | null;
  readonly profileHash: string | null;
  readonly profileId: string | null;
}

interface FactsRow {
  id: string;
  unit_id: string;
  revision: number;
  state: DeviceState;
  name: string | null;
  profile_hash: string | null;
  profile_id: string | null;
}

const select =
  'SELECT id, unit_id, revision, state, name, profile_hash, profile_id FROM devices WHERE tenant_id = $1 AND id = ANY($2)';

/**
 * The devices that these rows are about. One that nobody announced yet (its own row is still on the way in another lane) becomes
 * a device of this unit with revision 0, so that no other unit can speak for it. Callers check `unitId`.
 */
export const claimDevices = async (
  context: IngestContext,
  deviceIds: Iterable<string>,
): Promise<ReadonlyMap<string, DeviceFacts>> => {
  const ids = [...new Set(deviceIds)].sort();
  if (ids.length === 0) return new Map();
  const found = await readDeviceFacts(context.tx, context.tenantId, ids);
  if (found.size === ids.length) return found;
  await context.tx.$client.query(
    `INSERT INTO devices (tenant_id, id, unit_id, hall_id, revision, state, vendor, model, serial, device_class, protocol, address, created_at)
     SELECT $1, id, $2, $3, 0, 'active', '', '', '', '', '', '', $4 FROM unnest($5::uuid[]) AS id ON CONFLICT DO NOTHING`,
    [context.tenantId, context.unitId, context.hallId, context.receivedAt, ids.filter((id) => !found.has(id))],
  );
  return readDeviceFacts(context.tx, context.tenantId, ids);
};

/** Those of these devices that are known. */
export const readDeviceFacts = async (
  tx: Tx,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeviceFacts>> => {
  const { rows } = await tx.$client.query<FactsRow>({ name: 'claim-devices', text: select, values: [tenantId, ids] });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        unitId: row.unit_id,
        revision: row.revision,
        state: row.state,
        name: row.name,
        profileHash: row.profile_hash,
        profileId: row.profile_id,
      },
    ]),
  );
};

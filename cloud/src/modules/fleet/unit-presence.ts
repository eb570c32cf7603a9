import { uuidv7 } from '@hallhub/shared';
import type { Tx } from '../../db/index.js';
import type { LiveEvent } from '../live/live-port.js';

export type UnitPresenceReason = 'hello' | 'heartbeat' | 'goodbye' | 'will' | 'silent' | 'archived';

/** One unit going online or offline, as the history and the browsers get it. */
export interface UnitPresenceChange {
  readonly tenantId: string;
  readonly hallId: string;
  readonly unitId: string;
  readonly state: 'online' | 'offline';
  readonly reason: UnitPresenceReason;
  readonly at: Date;
}

/** Writes changes into the history, in the transaction that made them. */
export const recordUnitPresence = async (tx: Tx, changes: readonly UnitPresenceChange[]): Promise<void> => {
  if (changes.length === 0) return;
  const records = changes.map(({ tenantId, unitId, at, state, reason }) => ({
    tenant_id: tenantId,
    unit_id: unitId,
    id: uuidv7(at.getTime()),
    at: at.toISOString(),
    state,
    reason,
  }));
  await tx.$client.query({
    name: 'record-unit-presence',
    text: `INSERT INTO unit_presence_changes (tenant_id, unit_id, id, at, state, reason)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id uuid, unit_id uuid, id uuid, at timestamptz, state text, reason text)`,
    values: [JSON.stringify(records)],
  });
};

export const presenceEvent = ({ tenantId, hallId, unitId, state, reason, at }: UnitPresenceChange): LiveEvent => ({
  tenantId,
  hallId,
  topic: 'units',
  type: 'unit.presence',
  data: { unitId, presence: state, reason, since: at.toISOString() },
});

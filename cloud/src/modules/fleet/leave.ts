import type { Clock } from '@hallhub/shared';
import type { UnitPresence } from '@hallhub/shared/wire';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import { presenceEvent, recordUnitPresence, type UnitPresenceChange } from './unit-presence.js';

export interface LeaveDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly onOffline: (tx: Tx, changes: readonly UnitPresenceChange[]) => Promise<readonly LiveEvent[]>;
}

/** A will or a goodbye: the unit is offline, unless it speaks on a newer connection already (docs/protocol.md 1.6). */
export const unitLeft = async (deps: LeaveDeps, unitId: string, message: UnitPresence): Promise<boolean> => {
  const now = new Date(deps.clock.now());
  const { changes, events } = await withSystem(deps.database, (tx) =>
    goOffline(tx, deps, {
      where: 'l.unit_id = $3 AND l.conn_id = $4',
      values: [unitId, message.connId],
      reason: message.reason,
      now,
    }),
  );
  for (const event of events) deps.live.publish(event);
  return changes.length > 0;
};

/** Moves the units that `where` finds (its parameters start at $3) from online to offline. */
export const goOffline = async (
  tx: Tx,
  deps: Pick<LeaveDeps, 'onOffline'>,
  of: {
    readonly where: string;
    readonly values: readonly unknown[];
    readonly reason: UnitPresenceChange['reason'];
    readonly now: Date;
  },
): Promise<{ readonly changes: UnitPresenceChange[]; readonly events: LiveEvent[] }> => {
  const { rows } = await tx.$client.query<{ tenant_id: string; hall_id: string; unit_id: string }>(
    `UPDATE unit_links l SET presence = 'offline', reason = $1, since = $2 FROM units u
     WHERE u.id = l.unit_id AND l.presence = 'online' AND ${of.where} RETURNING l.tenant_id, u.hall_id, l.unit_id`,
    [of.reason, of.now, ...of.values],
  );
  const changes = rows.map((row) => ({
    tenantId: row.tenant_id,
    hallId: row.hall_id,
    unitId: row.unit_id,
    state: 'offline' as const,
    reason: of.reason,
    at: of.now,
  }));
  await recordUnitPresence(tx, changes);
  if (changes.length === 0) return { changes, events: [] };
  return { changes, events: [...changes.map(presenceEvent), ...(await deps.onOffline(tx, changes))] };
};

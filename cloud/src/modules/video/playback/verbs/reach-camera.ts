import { HubError } from '@hallhub/shared';
import { and, sql } from 'drizzle-orm';
import type { Tx } from '../../../../db/index.js';
import { inReach } from '../../../access/in-reach.js';
import type { Right } from '../../../access/rights.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { shownName } from '../../../fleet/read-devices.js';

export interface RecordedCamera {
  readonly deviceId: string;
  readonly unitId: string;
  readonly unitName: string;
  readonly unitOnline: boolean;
  readonly hallId: string;
  readonly name: string;
  readonly timeZone: string;
}

/** Throws `not_found` for a camera out of reach. */
export const reachCamera = async (
  tx: Tx,
  { actor }: VerbContext,
  { deviceId, right }: { readonly deviceId: string; readonly right: Right },
): Promise<RecordedCamera> => {
  const where = and(
    sql`d.tenant_id = ${actor.tenantId} AND d.id = ${deviceId} AND d.state IN ('active', 'retired')`,
    inReach(sql`d.hall_id`, actor, right),
  );
  const { rows } = (await tx.execute(sql`
    SELECT d.id, d.unit_id, u.name AS unit_name, coalesce(l.presence = 'online', false) AS online, d.hall_id, h.time_zone, ${shownName} AS name
    FROM devices d JOIN halls h ON h.id = d.hall_id JOIN units u ON u.id = d.unit_id LEFT JOIN unit_links l ON l.unit_id = d.unit_id
    WHERE ${where}`)) as unknown as {
    rows: {
      id: string;
      unit_id: string;
      unit_name: string;
      online: boolean;
      hall_id: string;
      time_zone: string;
      name: string;
    }[];
  };
  const [row] = rows;
  if (!row) throw new HubError('not_found', 'There is no such camera');
  actor.require(right, { hallId: row.hall_id });
  return {
    ...{ deviceId: row.id, unitId: row.unit_id, unitName: row.unit_name, unitOnline: row.online },
    ...{ hallId: row.hall_id, name: row.name, timeZone: row.time_zone },
  };
};

/** Recordings are on the unit: without its line nothing can be shown. Throws `unavailable`. */
export const requireOnline = ({ unitOnline, unitName }: RecordedCamera): void => {
  if (unitOnline) return;
  throw new HubError('unavailable', `The unit ${unitName} is offline; its recordings are still on it`, {
    context: { reason: 'unit_offline', retryAfterMs: 10_000 },
    hint: 'They can be seen when its line is back, or at the unit: hub vision save.',
  });
};

import { type Database, withSystem } from '../../db/index.js';
import { loadReaches } from '../access/load-actor.js';
import type { Right } from '../access/rights.js';
import type { LiveTicket } from './live-ticket.js';

interface Row {
  id: string;
  hall_id: string;
}

/** Whether somebody may go on looking. */
export const mayStillWatch = (database: Database) => mayStill(database, 'vision.read');

/**
 * Whether somebody may go on with what they do with cameras, as things stand now: the account or key, its right over each camera's
 * hall, the cameras and their units. Tickets say how it stood when they were made.
 */
export const mayStill =
  (database: Database, right: Right) =>
  ({
    tenantId,
    userId,
    apiKeyId,
    cameras,
  }: Pick<LiveTicket, 'tenantId' | 'userId' | 'apiKeyId' | 'cameras'>): Promise<boolean> =>
    withSystem(database, async (tx) => {
      const who = apiKeyId
        ? await tx.$client.query<{ id: string; rights: string[] | null }>(
            `SELECT k.created_by AS id, k.rights FROM api_keys k JOIN users u ON u.tenant_id = k.tenant_id AND u.id = k.created_by
             WHERE k.tenant_id = $1 AND k.id = $2 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
               AND u.state = 'active'`,
            [tenantId, apiKeyId],
          )
        : await tx.$client.query<{ id: string; rights: string[] | null }>(
            `SELECT id, NULL AS rights FROM users WHERE tenant_id = $1 AND id = $2 AND state = 'active'`,
            [tenantId, userId],
          );
      const person = who.rows[0];
      if (!person || (person.rights && !person.rights.includes(right))) return false;
      const ids = cameras.map(({ deviceId }) => deviceId);
      const devices = await tx.$client.query<Row>(
        `SELECT d.id, d.hall_id FROM devices d JOIN units u ON u.tenant_id = d.tenant_id AND u.id = d.unit_id
         WHERE d.tenant_id = $1 AND d.id = ANY($2::uuid[]) AND d.state = 'active' AND u.archived_at IS NULL`,
        [tenantId, ids],
      );
      if (devices.rows.length !== ids.length) return false;
      const { reaches } = await loadReaches(tx, { tenantId, userId: person.id });
      const reach = reaches.get(right);
      return devices.rows.every(({ hall_id: hallId }) => reach?.all || reach?.hallIds.has(hallId));
    });

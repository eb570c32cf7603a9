import type { Tx } from '../../db/index.js';

export interface HangingUnit {
  readonly tenantId: string;
  readonly unitId: string;
  readonly name: string;
  readonly hallId: string;
  readonly hallName: string;
  readonly endsAt: Date;
  readonly presence: 'online' | 'offline';
}

/** Units in service whose certificates in force are all of this authority. Over all tenants. */
export const hangingUnits = async (
  tx: Tx,
  { caId, now }: { readonly caId: string; readonly now: Date },
): Promise<HangingUnit[]> => {
  const { rows } = await tx.$client.query<HangingUnit>(
    `SELECT u.tenant_id AS "tenantId", u.id AS "unitId", u.name, u.hall_id AS "hallId", h.name AS "hallName", max(c.not_after) AS "endsAt", l.presence
     FROM unit_certificates c JOIN units u ON u.id = c.unit_id AND u.archived_at IS NULL
     JOIN halls h ON h.id = u.hall_id JOIN unit_links l ON l.unit_id = u.id
     WHERE c.revoked_at IS NULL AND c.not_after > $2
     GROUP BY u.id, h.name, l.presence HAVING bool_and(c.ca_id = $1) ORDER BY u.name, u.id`,
    [caId, now],
  );
  return rows;
};

import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';

/** A unit as the proof names it. */
export interface ProofUnit {
  readonly unitId: string;
  readonly unitName: string;
  readonly hallId: string;
  readonly hallName: string;
  readonly timeZone: string;
}

interface UnitRow {
  id: string;
  name: string;
  hall_id: string;
  hall_name: string;
  time_zone: string;
}

/** Units that `where` finds (over `units u`), by name. */
export const readProofUnits = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit: number },
): Promise<ProofUnit[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT u.id, u.name, u.hall_id, h.name AS hall_name, h.time_zone FROM units u JOIN halls h ON h.tenant_id = u.tenant_id AND h.id = u.hall_id
    WHERE u.tenant_id = ${of.tenantId} AND ${of.where} ORDER BY u.name, u.id LIMIT ${of.limit}`)) as unknown as {
    rows: UnitRow[];
  };
  return rows.map((row) => ({
    unitId: row.id,
    unitName: row.name,
    hallId: row.hall_id,
    hallName: row.hall_name,
    timeZone: row.time_zone,
  }));
};

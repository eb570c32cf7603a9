import { sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { Hold } from './judge-hold.js';

interface Row {
  session_id: string;
  person_id: string;
  name: string;
  overrules: boolean;
  since_ms: string;
  until_ms: string;
}

/** Locked until the transaction ends; the camera's row is locked with it, for there may be none of a hold yet. */
export const readHold = async (tx: Tx, tenantId: string, deviceId: string): Promise<Hold | undefined> => {
  await tx.execute(sql`SELECT 1 FROM devices WHERE tenant_id = ${tenantId} AND id = ${deviceId} FOR NO KEY UPDATE`);
  const { rows } = (await tx.execute(sql`
    SELECT session_id, person_id, name, overrules, extract(epoch FROM since) * 1000 AS since_ms, extract(epoch FROM until) * 1000 AS until_ms
    FROM camera_steering WHERE tenant_id = ${tenantId} AND device_id = ${deviceId} FOR UPDATE`)) as unknown as {
    rows: Row[];
  };
  const [row] = rows;
  return (
    row && {
      ...{ session: row.session_id, personId: row.person_id, name: row.name, overrules: row.overrules },
      ...{ since: Math.round(Number(row.since_ms)), until: Math.round(Number(row.until_ms)) },
    }
  );
};

export const writeHold = async (tx: Tx, tenantId: string, deviceId: string, hold: Hold): Promise<void> => {
  const [since, until] = [new Date(hold.since).toISOString(), new Date(hold.until).toISOString()];
  await tx.execute(sql`
    INSERT INTO camera_steering (tenant_id, device_id, session_id, person_id, name, overrules, since, until)
    VALUES (${tenantId}, ${deviceId}, ${hold.session}, ${hold.personId}, ${hold.name}, ${hold.overrules}, ${since}, ${until})
    ON CONFLICT (tenant_id, device_id) DO UPDATE SET session_id = excluded.session_id, person_id = excluded.person_id,
      name = excluded.name, overrules = excluded.overrules, since = excluded.since, until = excluded.until`);
};

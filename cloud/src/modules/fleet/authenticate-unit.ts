import { type Database, withSystem } from '../../db/index.js';
import type { UnitAuthenticator } from '../../mqtt/index.js';
import { KeyedQueue } from '../streams/keyed-queue.js';
import { hashUnitSecret, isUnitSecret } from './unit-secret.js';

/** The same work is done for a unit that does not exist. */
const nobody = hashUnitSecret('nobody');

/** Strangers who connect in a flood wait for one another, not people and ingest for them. */
const lookUpsAtOnce = 4;

/**
 * Who may connect by a secret: a unit that is not archived and never had a certificate (docs/protocol.md 5.1), with its present
 * secret. Throws where the database is away.
 */
export const unitAuthenticator = (database: Database): UnitAuthenticator => {
  const queue = new KeyedQueue({ maxRunning: lookUpsAtOnce, maxWaiting: 0 });
  let asked = 0;
  const lookUp = async (unitId: string, secret: string): Promise<boolean> => {
    const found = await withSystem(database, (tx) =>
      tx.$client.query<{ secret_hash: Buffer }>({
        name: 'unit-secret',
        text: `SELECT secret_hash FROM units u WHERE id = $1 AND archived_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM unit_certificates c WHERE c.tenant_id = u.tenant_id AND c.unit_id = u.id)`,
        values: [unitId],
      }),
    );
    const hash = found.rows[0]?.secret_hash;
    return isUnitSecret(secret, hash ?? nobody) && hash !== undefined;
  };
  return {
    // Each attempt has a key of its own: who floods with a unit's id must not shut that unit out.
    authenticateUnit: (unitId, secret) =>
      new Promise((resolve, reject) => {
        queue.push(String(asked++), () => lookUp(unitId, secret).then(resolve, reject));
      }),
  };
};

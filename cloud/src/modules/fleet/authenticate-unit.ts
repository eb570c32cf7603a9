import { type Database, withSystem } from '../../db/index.js';
import type { UnitAuthenticator } from '../../mqtt/index.js';
import { hashUnitSecret, isUnitSecret } from './unit-secret.js';

/** The same work is done for a unit that does not exist. */
const nobody = hashUnitSecret('nobody');

/** Who may connect: a unit that is not archived, with its present secret. Throws where the database is away. */
export const unitAuthenticator = (database: Database): UnitAuthenticator => ({
  authenticateUnit: async (unitId, secret) => {
    const found = await withSystem(database, (tx) =>
      tx.$client.query<{ secret_hash: Buffer }>({
        name: 'unit-secret',
        text: 'SELECT secret_hash FROM units WHERE id = $1 AND archived_at IS NULL',
        values: [unitId],
      }),
    );
    const hash = found.rows[0]?.secret_hash;
    return isUnitSecret(secret, hash ?? nobody) && hash !== undefined;
  },
});

import type { Tx } from '../../../db/index.js';
import type { Actor } from '../../access/actor.js';
import { loadActor } from '../../access/load-actor.js';
import type { ImportRow } from './tables.js';

/** Who sent the file, with what they may at this moment; undefined where they are no longer here. In a system transaction. */
export const importActor = async (
  tx: Tx,
  { tenantId, byUser }: Pick<ImportRow, 'tenantId' | 'byUser'>,
): Promise<Actor | undefined> => {
  const { rows } = await tx.$client.query<{ user_name: string }>(
    `SELECT user_name FROM users WHERE tenant_id = $1 AND id = $2 AND state = 'active'`,
    [tenantId, byUser],
  );
  const [user] = rows;
  if (!user) return undefined;
  return loadActor(tx, { userId: byUser, userName: user.user_name, tenantId, mustChangePassword: false });
};

import { HubError } from '@hallhub/shared';
import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { versionConflict } from '../../verb-kit/version-conflict.js';
import type { Actor } from './actor.js';
import type { UserRow } from './read-users.js';
import { roleGrants, users } from './tables.js';

/** People whom `user.read` reaches: all, or those with a grant at a place within reach; and oneself. */
export const usersInReach = (actor: Actor): SQL | undefined => {
  const halls = actor.scopeFilter('user.read');
  const regions = actor.regionFilter('user.read');
  if (halls === 'all' || regions === 'all') return undefined;
  return sql`(${users.id} = ${actor.userId} OR EXISTS (SELECT 1 FROM ${roleGrants} g WHERE g.tenant_id = ${users.tenantId} AND g.user_id = ${users.id}
    AND (g.hall_id = ANY(${sql.param([...halls])}::uuid[]) OR g.region_id = ANY(${sql.param([...regions])}::uuid[]))))`;
};

/** The person, locked for a change. Errors: `not_found` (out of reach too), `precondition_failed`. */
export const lockUser = async (tx: Tx, actor: Actor, input: { userId: string; version?: number }): Promise<UserRow> => {
  const [row] = await tx
    .select()
    .from(users)
    .where(and(eq(users.id, input.userId), usersInReach(actor)))
    .for('update');
  if (!row) throw noSuchUser();
  if (input.version !== undefined && row.version !== input.version) throw versionConflict(row.version);
  return row;
};

export const noSuchUser = (): HubError => new HubError('not_found', 'There is no such person');

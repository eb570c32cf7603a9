import { and, eq } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { users } from '../access/tables.js';
import type { VerbContext } from '../access/verb-context.js';

/** Whoever works on a kind, as people call them; of a program the name of its key. */
export const authorName = async (tx: Tx, { actor }: Pick<VerbContext, 'actor'>): Promise<string> => {
  if (actor.userId === null) return actor.userName;
  const [person] = await tx
    .select({ name: users.displayName })
    .from(users)
    .where(and(eq(users.tenantId, actor.tenantId), eq(users.id, actor.userId)));
  return person?.name ?? actor.userName;
};

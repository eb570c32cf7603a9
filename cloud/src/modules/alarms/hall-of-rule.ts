import { HubError } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { inReach } from '../access/in-reach.js';
import type { VerbContext } from '../access/verb-context.js';
import { halls } from '../places/tables.js';

/** A hall in use, where the actor may write alarm rules. */
export const requireHallForRules = async (tx: Tx, ctx: VerbContext, hallId: string): Promise<void> => {
  const [hall] = await tx
    .select({ id: halls.id })
    .from(halls)
    .where(and(eq(halls.id, hallId), isNull(halls.archivedAt), inReach(halls.id, ctx.actor, 'alarm.read')));
  if (!hall) {
    throw new HubError('invalid_input', 'There is no such hall', {
      context: { errors: [{ path: 'body.hallId', message: 'Must be a hall that is in use' }] },
    });
  }
  ctx.actor.require('alarm.write', { hallId });
};

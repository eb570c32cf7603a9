import { HubError } from '@hallhub/shared';
import type { Tx } from '../../db/index.js';
import { lockUser } from '../access/find-user.js';
import { grantInputsOf, requireOverGrants } from '../access/over-grants.js';
import type { UserRow } from '../access/read-users.js';
import type { VerbContext } from '../access/verb-context.js';

/**
 * The person, where the caller may command their account: `user.write` over all that they hold. Errors: `not_found`,
 * `forbidden`.
 */
export const overPerson = async (tx: Tx, ctx: VerbContext, userId: string): Promise<UserRow> => {
  const row = await lockUser(tx, ctx.actor, { userId });
  const held = await grantInputsOf(tx, row.id);
  if (held.length === 0) ctx.actor.require('user.write', 'tenant');
  await requireOverGrants(tx, ctx.actor, 'user.write', held);
  return row;
};

/** One's own account is changed with one's own proof, on one's own page. */
export const refuseSelf = (ctx: VerbContext, userId: string): void => {
  if (ctx.actor.userId !== userId && ctx.actor.madeBy !== userId) return;
  throw new HubError('conflict', 'This is your own account', {
    context: { reason: 'self' },
    hint: 'Change it on your own page.',
  });
};

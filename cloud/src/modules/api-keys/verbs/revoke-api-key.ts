import { HubError } from '@hallhub/shared';
import { and, eq, isNull } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { ApiKey } from '../contract.js';
import { apiKeysInReach, describeApiKey, selectApiKeys } from '../read-api-keys.js';
import { apiKeys } from '../tables.js';

/** Ends a key for good, at once and in all processes. Repeating it changes nothing. Errors: `not_found` (out of reach too). */
export const revokeApiKey = (ctx: VerbContext, input: { readonly keyId: string }): Promise<ApiKey> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const mine = and(eq(apiKeys.id, input.keyId), apiKeysInReach(ctx.actor));
    const [before] = await selectApiKeys(tx).where(mine);
    if (!before) throw new HubError('not_found', 'There is no such key');
    const { rowCount } = await tx
      .update(apiKeys)
      .set({ revokedAt: new Date(ctx.clock.now()), revokedBy: ctx.actor.userId })
      .where(and(mine, isNull(apiKeys.revokedAt)));
    if (rowCount === 1) {
      await audit(tx, ctx, {
        action: 'apikey.revoked',
        target: { kind: 'apikey', id: before.key.id, name: before.key.name },
        hallId: before.key.hallId,
        before: { prefix: before.key.prefix },
      });
    }
    const [after] = await selectApiKeys(tx).where(mine);
    return describeApiKey(after ?? before, ctx.clock.now());
  });

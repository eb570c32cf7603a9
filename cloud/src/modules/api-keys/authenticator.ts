import { type Clock, HubError } from '@hallhub/shared';
import { and, eq, isNull, lt, or } from 'drizzle-orm';
import { type Database, withSystem } from '../../db/index.js';
import type { Authenticator, SignedIn } from '../../http/env.js';
import { apiKeyActor } from '../access/actor.js';
import { loadReaches, reachOfScope } from '../access/load-actor.js';
import { users } from '../access/tables.js';
import { isWithin } from './address-ranges.js';
import { bearerKey, hashKey } from './key-text.js';
import { scopeOfKey } from './read-api-keys.js';
import { apiKeys } from './tables.js';

/** `last used` is at most this old: a key used a hundred times a second is written once a minute. */
const lastUsedStepMs = 60_000;

/** One answer for every reason: who guesses learns nothing. */
const refused = () =>
  new HubError('unauthenticated', 'The API key is not valid here', {
    context: { reason: 'api_key' },
    hint: 'It may be mistyped, revoked, expired, or not for this address: see Admin, API keys.',
  });

/**
 * `Authorization: Bearer hk_…` → actor; anything else goes to `sessions`. Looked up for each request, so that a key that
 * was revoked, or whose maker lost a right, is refused by the next one. Throws `unauthenticated` for a key that is not
 * valid, even beside a valid cookie.
 */
export const apiKeyAuthenticator = (
  deps: { readonly db: Database; readonly clock: Clock },
  sessions: Authenticator,
): Authenticator => ({
  async authenticate(headers, options = {}) {
    const key = bearerKey(headers.get('authorization'));
    if (key === null) return sessions.authenticate(headers, options);
    if (key === 'malformed') throw refused();
    return signIn(deps, key, options.ip ?? null);
  },
});

const signIn = (
  { db, clock }: { readonly db: Database; readonly clock: Clock },
  key: string,
  ip: string | null,
): Promise<SignedIn> =>
  withSystem(db, async (tx) => {
    const nowMs = clock.now();
    const [found] = await tx
      .select({ key: apiKeys, creatorState: users.state })
      .from(apiKeys)
      .innerJoin(users, and(eq(users.tenantId, apiKeys.tenantId), eq(users.id, apiKeys.createdBy)))
      .where(and(eq(apiKeys.hash, hashKey(key)), isNull(apiKeys.revokedAt)));
    if (found?.creatorState !== 'active') throw refused();
    const row = found.key;
    if (row.expiresAt && row.expiresAt.getTime() <= nowMs) throw refused();
    if (!isWithin(ip, row.allowedFrom)) throw refused();
    const { tenantId } = row;
    const held = await loadReaches(tx, { tenantId, userId: row.createdBy });
    const within = await reachOfScope(tx, tenantId, scopeOfKey(row));
    await tx
      .update(apiKeys)
      .set({ lastUsedAt: new Date(nowMs), lastUsedIp: ip })
      .where(
        and(
          eq(apiKeys.id, row.id),
          or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, new Date(nowMs - lastUsedStepMs))),
        ),
      );
    return {
      session: null,
      actor: apiKeyActor({
        apiKeyId: row.id,
        madeBy: row.createdBy,
        name: row.name,
        tenantId,
        rights: row.rights,
        within,
        ...held,
      }),
      setCookies: [],
    };
  });

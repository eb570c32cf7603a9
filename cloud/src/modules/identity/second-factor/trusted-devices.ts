import { and, eq, gt } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import type { RequestFacts } from '../../access/verb-context.js';
import { type IdentityKeys, makeToken } from '../identity-keys.js';
import { trustedDevices } from '../tables.js';

/** Whether this browser was trusted by this person and still is; notes the use. In a system transaction. */
export const useTrustedDevice = async (
  tx: Tx,
  keys: IdentityKeys,
  given: { readonly userId: string; readonly token: string | undefined; readonly nowMs: number },
): Promise<boolean> => {
  if (given.token === undefined) return false;
  const now = new Date(given.nowMs);
  const used = await tx
    .update(trustedDevices)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(trustedDevices.tokenHash, keys.hash('device', given.token)),
        eq(trustedDevices.userId, given.userId),
        gt(trustedDevices.expiresAt, now),
      ),
    )
    .returning({ id: trustedDevices.id });
  return used.length > 0;
};

/** Trusts this browser; the token goes into its cookie and nowhere else. */
export const trustDevice = async (
  tx: Tx,
  keys: IdentityKeys,
  given: {
    readonly user: { readonly id: string; readonly tenantId: string };
    readonly days: number;
    readonly nowMs: number;
    readonly request: RequestFacts;
  },
): Promise<string> => {
  const token = makeToken();
  const { user, nowMs, request } = given;
  await tx.insert(trustedDevices).values({
    tenantId: user.tenantId,
    userId: user.id,
    tokenHash: keys.hash('device', token),
    ip: request.ip,
    userAgent: request.userAgent,
    createdAt: new Date(nowMs),
    lastUsedAt: new Date(nowMs),
    expiresAt: new Date(nowMs + given.days * 86_400_000),
  });
  return token;
};

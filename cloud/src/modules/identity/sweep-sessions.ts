import type { Clock } from '@hallhub/shared';
import { lt, sql } from 'drizzle-orm';
import { type Database, withSystem } from '../../db/index.js';
import { signInLimits, signInSteps, signOnFlows, trustedDevices, userSessions, userVerifications } from './tables.js';

/** After a day a bucket is full again and a counted failure of an unknown name is old. */
const limitsKeptMs = 24 * 3_600_000;

/** Removes sessions, steps, flows, trusted browsers and counters whose time is over. Returns how many sessions. */
export const sweepSessions = (db: Database, clock: Clock): Promise<number> =>
  withSystem(db, async (tx) => {
    const now = new Date(clock.now());
    await tx.delete(userVerifications).where(lt(userVerifications.expiresAt, now));
    await tx.delete(signInSteps).where(lt(signInSteps.expiresAt, now));
    await tx.delete(signOnFlows).where(lt(signOnFlows.expiresAt, now));
    await tx.delete(trustedDevices).where(lt(trustedDevices.expiresAt, now));
    await tx.delete(signInLimits).where(lt(signInLimits.at, new Date(clock.now() - limitsKeptMs)));
    // Left idle past the rules of their organisation; the default is that of sign-in-policy.ts.
    await tx.execute(sql`DELETE FROM user_sessions s USING tenants t LEFT JOIN sign_in_policies p ON p.tenant_id = t.id
      WHERE t.id = s.tenant_id AND s.last_seen_at < ${now.toISOString()}::timestamptz - make_interval(mins => coalesce(p.idle_minutes, 120))`);
    const gone = await tx.delete(userSessions).where(lt(userSessions.expiresAt, now));
    return gone.rowCount ?? 0;
  });

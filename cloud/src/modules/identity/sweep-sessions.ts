import type { Clock } from '@hallhub/shared';
import { lt } from 'drizzle-orm';
import { type Database, withSystem } from '../../db/index.js';
import { userSessions, userVerifications } from './tables.js';

/** Removes sessions and codes that have expired. Returns how many sessions. */
export const sweepSessions = (db: Database, clock: Clock): Promise<number> =>
  withSystem(db, async (tx) => {
    const now = new Date(clock.now());
    await tx.delete(userVerifications).where(lt(userVerifications.expiresAt, now));
    const gone = await tx.delete(userSessions).where(lt(userSessions.expiresAt, now));
    return gone.rowCount ?? 0;
  });

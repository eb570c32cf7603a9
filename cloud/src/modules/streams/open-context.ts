import type { BatchHeader } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import type { LiveEvent } from '../live/live-port.js';
import type { CarefulContext } from './apply-careful.js';
import type { Announcement, IngestContext, Tally } from './ingest-context.js';
import type { LockedStream } from './lock-stream.js';
import type { ReadRows } from './read-rows.js';

/** The unit's clock is corrected only where it is further off than a round trip can explain (docs/protocol.md 1.4). */
const trustedOffsetMs = 2_000;
const maxTimeMs = 253_402_300_799_999;
const longestDelayEverMs = 400 * 86_400_000;

const clampTime = (ms: number): number => Math.min(Math.max(ms, 0), maxTimeMs);

/** A batch's context and what its writers said in it. */
export interface OpenContext extends CarefulContext {
  readonly tallies: readonly Tally[];
  readonly announcements: readonly LiveEvent[];
}

export const openContext = (
  tx: Tx,
  nowMs: number,
  of: { readonly unitId: string; readonly header: BatchHeader; readonly stream: LockedStream },
): OpenContext => {
  const { lane, epoch, clock } = of.header;
  const { tenantId, hallId } = of.stream;
  const offsetMs =
    clock.offsetMs !== null && Math.abs(clock.offsetMs) > trustedOffsetMs ? Math.round(clock.offsetMs) : 0;
  const announcements: LiveEvent[] = [];
  const tallies: Tally[] = [];
  return {
    ...{ tx, tenantId, hallId, unitId: of.unitId, lane, epoch },
    receivedAt: new Date(nowMs),
    correctedMs: (atMs) => clampTime(atMs + offsetMs),
    announce: (announcement: Announcement) => {
      announcements.push({ tenantId, hallId, atMs: nowMs, ...announcement });
    },
    tally: (kind, atMs, stored, repeated = 0) => {
      if (stored > 0 || repeated > 0) tallies.push({ kind, atMs, stored, repeated });
    },
    announcements,
    tallies,
    mark: () => ({ announcements: announcements.length, tallies: tallies.length }),
    forgetAfter: (mark) => {
      announcements.length = mark.announcements;
      tallies.length = mark.tallies;
    },
  };
};

/** From the oldest row's own time to now. Null: the unit did not know its time, or there is no row to go by. */
export const longestDelayMs = (context: IngestContext, header: BatchHeader, read: ReadRows): number | null => {
  if (header.clock.state !== 'trusted' || read.rows.length === 0) return null;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const { row } of read.rows) oldestMs = Math.min(oldestMs, row.at);
  const delayMs = context.receivedAt.getTime() - context.correctedMs(oldestMs);
  return Math.min(Math.max(0, Math.round(delayMs)), longestDelayEverMs);
};

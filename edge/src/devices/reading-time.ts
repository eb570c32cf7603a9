/** A device may send what it kept while it was cut off; its clock may run ahead a little. */
const oldestMs = 7 * 86_400_000;
const newestMs = 5_000;
/** A device's clock that goes with the unit's, be it right or wrong. */
const sameClockMs = 5_000;
/** Below this the cloud takes the unit's clock as it is (docs/protocol.md 1.4). */
const trustedOffsetMs = 2_000;

/**
 * When a reading was taken, by the unit's clock, which is what the wire carries. Where the unit's clock is known to be wrong by
 * `offsetMs` (true time less the unit's) a device with the right time is believed; else its time would be corrected once too often.
 */
export const readingTime = (given: number | undefined, now: number, offsetMs: number | null): number => {
  if (given === undefined || Math.abs(given - now) <= sameClockMs) return given ?? now;
  const isWrong = offsetMs !== null && Math.abs(offsetMs) > trustedOffsetMs;
  const at = isWrong ? given - offsetMs : given;
  return at > now + newestMs || at < now - oldestMs ? now : at;
};

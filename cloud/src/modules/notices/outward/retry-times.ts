import type { ChannelKind } from '../tables.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** After each try; the last one repeats. Webhooks: the table of Standard Webhooks 1.0. */
const waits: Readonly<Record<ChannelKind, readonly number[]>> = {
  // Greylisting lets through what comes again after five minutes.
  email: [minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour],
  sms: [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute, hour],
  webhook: [
    ...[5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour],
    ...[10 * hour, 14 * hour, 20 * hour, 24 * hour],
  ],
};
const giveUpMs = 24 * hour;

export interface Tried {
  readonly channel: ChannelKind;
  /** This one included. */
  readonly attempts: number;
  /** Epoch ms of the first. */
  readonly firstAtMs: number;
  readonly nowMs: number;
  /** As the other side asked for. */
  readonly afterMs?: number | undefined;
  readonly random: () => number;
}

/** Ms until the next try; undefined: it is given up. */
export const waitAfter = ({ channel, attempts, firstAtMs, nowMs, afterMs = 0, random }: Tried): number | undefined => {
  const table = waits[channel];
  if (channel === 'webhook' ? attempts > table.length : nowMs - firstAtMs >= giveUpMs) return undefined;
  const wait = table[Math.min(attempts, table.length) - 1] ?? hour;
  return Math.max(Math.round(wait * (1 + 0.2 * random())), afterMs);
};

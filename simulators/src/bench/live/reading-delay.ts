import type { ApiClient } from '../../e2e/api-client.js';
import type { CountingDevice } from '../../e2e/counting-device.js';
import { type LiveValue, readLive } from '../live-reader.js';
import { quantile } from '../statistics.js';

export interface ReadingDelays {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly maxMs: number;
  /** Of the newest share of them. */
  latest(share: number): ReadingDelays;
}

const summed = (delays: readonly number[]): ReadingDelays => ({
  p50Ms: quantile(delays, 0.5),
  p95Ms: quantile(delays, 0.95),
  maxMs: quantile(delays, 1),
  latest: (share) => summed(delays.slice(Math.floor(delays.length * (1 - share)))),
});

/** From when a device counted on to the value, or a later one, in a browser's stream of values: after the cloud's commit. */
export const measureReadings = async (
  api: ApiClient,
  counting: CountingDevice,
  forMs: number,
): Promise<ReadingDelays> => {
  const sentAt: number[] = [];
  const delays: number[] = [];
  const known = counting.sent;
  const clock = setInterval(() => {
    for (let n = known + sentAt.length; n < counting.sent; n++) sentAt.push(performance.now());
  }, 2);
  const stop = new AbortController();
  let arrived = 0;
  await readLive(api, { topics: 'devices', signal: stop.signal }, (type, data) => {
    if (type !== 'device.values') return;
    for (const { property, value } of (data as { values: LiveValue[] }).values) {
      if (property !== 'issuedToday' || typeof value !== 'number') continue;
      const nowMs = performance.now();
      const seen = Math.min(value - known, sentAt.length);
      for (; arrived < seen; arrived++) delays.push(nowMs - (sentAt[arrived] as number));
    }
  });
  await new Promise((resolve) => setTimeout(resolve, forMs));
  clearInterval(clock);
  stop.abort();
  if (delays.length < 5) throw new Error(`only ${delays.length} readings arrived`);
  return summed(delays);
};

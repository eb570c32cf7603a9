import { z } from 'zod';
import { ApiClient } from '../e2e/api-client.js';
import { waitUntil } from '../e2e/wait-until.js';
import { DeviceFleet } from './device-fleet.js';
import { readLiveValues } from './live-reader.js';
import { quantile } from './statistics.js';

/**
 * Devices and browser of the latency bench in one process, so that both ends of a message are timed by one clock. Tells its
 * parent `{type:'ready'}`, `{type:'begin'}` and `{type:'drained', …}`.
 */
const planSchema = z.object({
  mqtt: z.string(),
  origin: z.string(),
  userName: z.string(),
  password: z.string(),
  serialPrefix: z.string(),
  devices: z.number(),
  ratePerSecond: z.number(),
  warmUpMs: z.number(),
  forMs: z.number(),
  drainMs: z.number(),
});

interface Track {
  /** Monotonic ms at which each number was sent, 0 for those before the measured time; by number. */
  readonly sentMs: number[];
  /** The highest number that the browser saw. */
  seen: number;
}

const plan = planSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
const api = new ApiClient(plan.origin);
await api.signIn(plan.userName, plan.password);
const fleet = await DeviceFleet.join({ url: plan.mqtt, count: plan.devices, serialPrefix: plan.serialPrefix });
const indexes = fleet.deviceIds();
const tracks: Track[] = Array.from({ length: plan.devices }, () => ({ sentMs: [0], seen: 0 }));
const latenciesMs: number[] = [];
const acknowledgedMs: number[] = [];
let [measuring, measured, arrived, overtaken, inTime] = [false, 0, 0, 0, 0];

const leave = new AbortController();
const live = await readLiveValues(
  api,
  ({ deviceId, property, value }) => {
    const track = tracks[indexes.get(deviceId) ?? -1];
    if (!track || property !== 'issuedToday' || typeof value !== 'number') return;
    const nowMs = performance.now();
    if (measuring) inTime += Math.max(0, value - track.seen);
    // A batch tells each property's last value: with it, those before it have arrived as well.
    for (let number = track.seen + 1; number <= value; number++) {
      const sentMs = track.sentMs[number] ?? 0;
      if (sentMs === 0) continue;
      latenciesMs.push(nowMs - sentMs);
      arrived++;
      if (number < value) overtaken++;
    }
    track.seen = Math.max(track.seen, value);
  },
  leave.signal,
);
let broken: string | undefined;
void live.ended.then((reason) => {
  if (!leave.signal.aborted) broken = reason;
});

const stop = new AbortController();
const sending = fleet.send(plan.ratePerSecond, stop.signal, {
  sent: ({ device, number }) => {
    const track = tracks[device] as Track;
    track.sentMs[number] = measuring ? performance.now() : 0;
    if (measuring) measured++;
  },
  acknowledged: ({ device, number }) => {
    const sentMs = tracks[device]?.sentMs[number] ?? 0;
    if (sentMs > 0) acknowledgedMs.push(performance.now() - sentMs);
  },
});
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
process.send?.({ type: 'ready' });
await pause(plan.warmUpMs);
process.send?.({ type: 'begin' });
measuring = true;
const beganMs = performance.now();
await pause(plan.forMs);
measuring = false;
stop.abort();
await sending;
const sendingMs = performance.now() - beganMs;
await waitUntil('the last message', async () => arrived >= measured || broken !== undefined, {
  withinMs: plan.drainMs,
}).catch(() => undefined);
process.send?.({
  type: 'drained',
  sent: measured,
  arrived,
  overtaken,
  failed: fleet.failed,
  sendingMs,
  sentPerSecond: (measured * 1_000) / sendingMs,
  arrivedPerSecond: (inTime * 1_000) / sendingMs,
  p50Ms: quantile(latenciesMs, 0.5),
  p99Ms: quantile(latenciesMs, 0.99),
  maxMs: quantile(latenciesMs, 1),
  acknowledgedP50Ms: quantile(acknowledgedMs, 0.5),
  acknowledgedP99Ms: quantile(acknowledgedMs, 0.99),
  ...(broken === undefined ? {} : { broken }),
});
leave.abort();
const end = async () => {
  await fleet[Symbol.asyncDispose]();
  process.exit(0);
};
process.on('message', () => void end());
process.on('disconnect', () => process.exit(0));

import '../../small-heap.js';
import os from 'node:os';
import { toChildSchema } from './ipc-contract.js';
import { SteeredClock } from './steered-clock.js';
import { VisionChild } from './vision-child.js';

/** The agent's work goes before pictures; the ffmpegs inherit it. */
const behind = 5;
const stopLimitMs = 2_000;
/** The agent does not read: figures can wait, findings cannot. */
let isStuffed = false;

try {
  os.setPriority(behind);
} catch {
  // Not allowed here: everything works without.
}

const clock = new SteeredClock();
const child = new VisionChild({
  clock,
  tell: (message) => {
    if (!process.connected || (isStuffed && (message.type === 'beat' || message.type === 'log'))) return;
    isStuffed =
      process.send?.(message, () => {
        isStuffed = false;
      }) === false;
  },
});

let stopping = false;
const stop = async (): Promise<void> => {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), stopLimitMs).unref();
  await child.stop();
  // What was told last has to arrive.
  if (process.connected) process.disconnect();
  setTimeout(() => process.exit(0), 20);
};

process.on('disconnect', () => void stop());
process.on('SIGTERM', () => void stop());
process.on('SIGINT', () => undefined);
process.on('message', (raw) => {
  const parsed = toChildSchema.safeParse(raw);
  if (!parsed.success) {
    const message = `what the agent said cannot be understood: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`;
    process.send?.({ type: 'fault', code: 'vision_settings', message });
    return;
  }
  if (parsed.data.type === 'stop') void stop();
  else if (parsed.data.type === 'beat') clock.steer(parsed.data.atMs);
  else child.take(parsed.data);
});
process.send?.({ type: 'ready' });

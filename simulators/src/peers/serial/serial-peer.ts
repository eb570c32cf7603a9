import { systemClock } from '@hallhub/shared';
import { Faults, sendThrough } from '../../faults/faults.js';

/** A byte line to the unit: a pty in the open, a pair in memory in tests. */
export interface ByteLine {
  write(bytes: Uint8Array): void;
  onData(listener: (bytes: Uint8Array) => void): void;
}

export interface SerialPeerOptions {
  /** Bytes a second; a pty ignores the baud rate, so the peer keeps its pace. 0: as fast as it goes. */
  readonly bytesPerSecond?: number;
  readonly faults?: Faults;
  /** Bytes that may wait for the rest of a frame; more than that is rubbish. 4096 where left out. */
  readonly maxHeldBytes?: number;
}

/**
 * Cuts the unit's bytes into frames and answers them.
 * @param takeFrame returns how many bytes from the front are a frame (with its answer), are rubbish, or 0 to wait for more
 */
export const serveSerial = (
  line: ByteLine,
  takeFrame: (held: Buffer) => { used: number; answer?: Uint8Array },
  options: SerialPeerOptions = {},
): { send(bytes: Uint8Array): void } => {
  const faults = options.faults ?? new Faults();
  let freeAtMs = 0;
  const pace = (bytes: Uint8Array) => {
    const perSecond = options.bytesPerSecond ?? 0;
    if (perSecond <= 0) {
      line.write(bytes);
      return;
    }
    const now = systemClock.monotonicMs();
    freeAtMs = Math.max(now, freeAtMs) + (bytes.length * 1000) / perSecond;
    systemClock.setTimeout(() => line.write(bytes), freeAtMs - now);
  };
  const send = (bytes: Uint8Array) => sendThrough(faults, bytes, { clock: systemClock, write: pace });
  let held = Buffer.alloc(0);
  line.onData((chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length > 0) {
      const { used, answer } = takeFrame(held);
      if (used === 0) break;
      held = held.subarray(Math.min(used, held.length));
      if (answer) send(answer);
    }
    if (held.length > (options.maxHeldBytes ?? 4096)) held = held.subarray(held.length - 64);
  });
  return { send };
};

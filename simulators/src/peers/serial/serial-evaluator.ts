import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * EV-60, an evaluator with five keys on RS-485: the frame of the LED-W4 (`AA 55 | address | command | count | data… | sum of
 * address..data`). 01 asks for a rating (seconds that it waits), 02 shows a state (0 closed, 1 welcome, 2 busy), 05 tells state,
 * battery and version. A pressed key, or none in time, comes by itself: 10 with key 1 to 5, or 0, until the unit says 11.
 */
const start = Buffer.from([0xaa, 0x55]);
const repeatEveryMs = 800;
const maxRepeats = 5;

export interface SerialEvaluator {
  readonly address: number;
  state: 'closed' | 'welcome' | 'busy';
  /** True while it waits for a key. */
  readonly isAsking: boolean;
  /** 1 very good to 5 bad. It does nothing while no rating is asked for. */
  press(key: number): void;
  dispose(): void;
}

const states = ['closed', 'welcome', 'busy'] as const;
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);

export const serveSerialEvaluator = (
  line: ByteLine,
  options: SerialPeerOptions & { address?: number } = {},
): SerialEvaluator => {
  const address = options.address ?? 1;
  let asking: NodeJS.Timeout | undefined;
  let repeating: NodeJS.Timeout | undefined;

  const frame = (code: number, data: readonly number[]): Buffer => {
    const covered = Buffer.from([address, code, data.length, ...data]);
    return Buffer.concat([start, covered, Buffer.from([sum(covered)])]);
  };

  /** Said again until the unit has heard it: a rating must not be lost on a line that two use at once. */
  const tell = (key: number, repeats = 0) => {
    clearTimeout(repeating);
    send(frame(0x10, [key]));
    repeating = repeats < maxRepeats ? setTimeout(() => tell(key, repeats + 1), repeatEveryMs) : undefined;
  };
  const end = (key: number) => {
    clearTimeout(asking);
    asking = undefined;
    tell(key);
  };

  const obey = (code: number, data: Buffer): Buffer | undefined => {
    switch (code) {
      case 0x01: {
        const [seconds = 0] = data;
        if (seconds < 1) return frame(0x81, [3]);
        clearTimeout(asking);
        asking = setTimeout(() => end(0), seconds * 1000);
        return frame(0x81, [0]);
      }
      case 0x02: {
        const next = states[data[0] ?? 255];
        if (!next) return frame(0x82, [3]);
        evaluator.state = next;
        return frame(0x82, [0]);
      }
      case 0x05:
        return frame(0x85, [0, states.indexOf(evaluator.state), asking ? 1 : 0, 0x01, 0x00]);
      case 0x11:
        clearTimeout(repeating);
        return frame(0x91, [0]);
      default:
        return frame(code | 0x80, [2]);
    }
  };

  const evaluator = {
    address,
    state: 'welcome' as SerialEvaluator['state'],
    get isAsking() {
      return asking !== undefined;
    },
    press(key: number) {
      if (asking && key >= 1 && key <= 5) end(key);
    },
    dispose() {
      clearTimeout(asking);
      clearTimeout(repeating);
    },
  };

  const { send } = serveSerial(
    line,
    (held) => {
      const at = held.indexOf(start);
      if (at < 0) return { used: Math.max(0, held.length - 1) };
      if (at > 0) return { used: at };
      if (held.length < 6) return { used: 0 };
      const count = held.readUInt8(4);
      if (count > 32) return { used: start.length };
      if (held.length < 6 + count) return { used: 0 };
      const right = sum(held.subarray(2, 5 + count)) === held.readUInt8(5 + count);
      if (!right) return { used: start.length };
      if (held.readUInt8(2) !== address) return { used: 6 + count };
      const answer = obey(held.readUInt8(3), held.subarray(5, 5 + count));
      return { used: 6 + count, ...(answer ? { answer } : {}) };
    },
    options,
  );
  return evaluator;
};

import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A board of eight relays as KMtronic sells it for USB and RS-232: `FF n 01` switches relay n on, `FF n 00` off, both without
 * an answer; `FF 09 00` is answered by eight bytes, 01 for on.
 */
export interface RelayBoard {
  readonly relays: boolean[];
  /** Called after every switching. */
  onSwitch: ((relay: number, on: boolean) => void) | undefined;
}

export const serveRelayBoard = (line: ByteLine, options: SerialPeerOptions = {}): RelayBoard => {
  const board: RelayBoard = { relays: Array.from({ length: 8 }, () => false), onSwitch: undefined };
  serveSerial(
    line,
    (held) => {
      const at = held.indexOf(0xff);
      if (at !== 0) return { used: at < 0 ? held.length : at };
      if (held.length < 3) return { used: 0 };
      const [, relay = 0, order = 0] = held;
      if (relay === 9 && order === 0) return { used: 3, answer: Buffer.from(board.relays.map(Number)) };
      if (relay < 1 || relay > 8 || order > 1) return { used: 1 };
      board.relays[relay - 1] = order === 1;
      board.onSwitch?.(relay, order === 1);
      return { used: 3 };
    },
    options,
  );
  return board;
};

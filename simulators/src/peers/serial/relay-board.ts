import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A board of relays of one of two kinds. `kmtronic` (eight relays): `FF n 01` switches relay n on, `FF n 00` off, both without an
 * answer; `FF 09 00` is answered by eight bytes, 01 for on. `lcus`: `A0 n 01 sum` and `A0 n 00 sum`, and nothing is answered.
 */
export interface RelayBoard {
  readonly relays: boolean[];
  /** Called after every switching. */
  onSwitch: ((relay: number, on: boolean) => void) | undefined;
}

export const serveRelayBoard = (
  line: ByteLine,
  options: SerialPeerOptions & { kind?: 'kmtronic' | 'lcus'; count?: number } = {},
): RelayBoard => {
  const { kind = 'kmtronic', count = 8 } = options;
  const board: RelayBoard = { relays: Array.from({ length: count }, () => false), onSwitch: undefined };
  const turn = (relay: number, order: number) => {
    board.relays[relay - 1] = order === 1;
    board.onSwitch?.(relay, order === 1);
  };
  const [lead, size] = kind === 'lcus' ? [0xa0, 4] : [0xff, 3];
  serveSerial(
    line,
    (held) => {
      const at = held.indexOf(lead);
      if (at !== 0) return { used: at < 0 ? held.length : at };
      if (held.length < size) return { used: 0 };
      const [, relay = 0, order = 0, sum = 0] = held;
      if (kind === 'kmtronic' && relay === 9 && order === 0)
        return { used: size, answer: Buffer.from(board.relays.map(Number)) };
      const isRight = relay >= 1 && relay <= count && order <= 1;
      if (!isRight || (kind === 'lcus' && sum !== ((lead + relay + order) & 0xff))) return { used: 1 };
      turn(relay, order);
      return { used: size };
    },
    options,
  );
  return board;
};

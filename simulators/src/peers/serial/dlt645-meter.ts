import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A three-phase meter that speaks DL/T 645-2007: `68 | address, 6 bytes BCD, low first | 68 | control | count | data + 33 |
 * sum from the first 68 | 16`, after up to four FE. Several share one line; a frame to another address, or a broken one, gets
 * no answer.
 */
export interface Dlt645Meter {
  readonly address: string;
  voltage: [number, number, number];
  current: [number, number, number];
  /** kW of each phase; negative where power flows back. */
  power: [number, number, number];
  /** kWh, forward and reverse active. */
  energy: number;
  energyBack: number;
  frequency: number;
  powerFactor: number;
  relayOpen: boolean;
}

const wildcard = 'AAAAAAAAAAAA';

export const serveDlt645Meter = (line: ByteLine, options: SerialPeerOptions & { address: string }): Dlt645Meter => {
  const meter: Dlt645Meter = {
    address: options.address.padStart(12, '0'),
    voltage: [220.5, 221.3, 219.8],
    current: [5.002, 4.871, 5.113],
    power: [1.0871, 1.0633, 1.1413],
    energy: 1206.42,
    energyBack: 0.37,
    frequency: 50.01,
    powerFactor: 0.987,
    relayOpen: false,
  };

  /** Data of one identifier, low byte first; undefined: the meter does not know it. */
  const read = (id: string): Buffer | undefined => {
    const [a, b, c] = [0, 1, 2] as const;
    switch (id) {
      case '00010000':
        return bcd(meter.energy * 100, 4);
      case '00020000':
        return bcd(meter.energyBack * 100, 4);
      case '02010100':
        return bcd(meter.voltage[a] * 10, 2);
      case '02010200':
        return bcd(meter.voltage[b] * 10, 2);
      case '02010300':
        return bcd(meter.voltage[c] * 10, 2);
      case '0201FF00':
        return Buffer.concat(meter.voltage.map((one) => bcd(one * 10, 2)));
      case '02020100':
        return signed(meter.current[a] * 1000, 3);
      case '02020200':
        return signed(meter.current[b] * 1000, 3);
      case '02020300':
        return signed(meter.current[c] * 1000, 3);
      case '0202FF00':
        return Buffer.concat(meter.current.map((one) => signed(one * 1000, 3)));
      case '02030000':
        return signed(sumOf(meter.power) * 10_000, 3);
      case '0203FF00':
        return Buffer.concat([sumOf(meter.power), ...meter.power].map((one) => signed(one * 10_000, 3)));
      case '02060000':
        return signed(meter.powerFactor * 1000, 2);
      case '02800002':
        return bcd(meter.frequency * 100, 2);
      case '04000401':
        return Buffer.from(meter.address, 'hex').reverse();
      case '04000503':
        // Run status word 3: bit 4 says that the relay is open.
        return Buffer.from([meter.relayOpen ? 0x10 : 0, 0]);
      default:
        return undefined;
    }
  };

  const obey = (control: number, data: Buffer): Buffer => {
    switch (control) {
      case 0x11: {
        const id = Buffer.from(data.subarray(0, 4)).reverse().toString('hex').toUpperCase();
        const value = read(id);
        // D1 with bit 1: no such data.
        return value ? answer(0x91, Buffer.concat([data.subarray(0, 4), value])) : answer(0xd1, Buffer.from([0x02]));
      }
      case 0x13:
        return answer(0x93, Buffer.from(meter.address, 'hex').reverse());
      case 0x1c: {
        // Password class and password, operator, then the order: 1A opens, 1B and 1C close.
        const order = data[8];
        if (data.readUInt8(0) !== 0x02) return answer(0xdc, Buffer.from([0x04]));
        meter.relayOpen = order === 0x1a;
        return answer(0x9c, Buffer.alloc(0));
      }
      default:
        return answer(0xc0 | (control & 0x1f), Buffer.from([0x01]));
    }
  };

  const answer = (control: number, data: Uint8Array): Buffer => {
    const head = [0x68, ...Buffer.from(meter.address, 'hex').reverse(), 0x68, control, data.length];
    const covered = Buffer.from([...head, ...data.map((byte) => (byte + 0x33) & 0xff)]);
    return Buffer.concat([Buffer.from([0xfe, 0xfe, 0xfe, 0xfe]), covered, Buffer.from([sum(covered), 0x16])]);
  };

  serveSerial(
    line,
    (held) => {
      const at = held.indexOf(0x68);
      if (at < 0) return { used: held.length };
      if (at > 0) return { used: at };
      if (held.length < 10) return { used: 0 };
      const count = held.readUInt8(9);
      if (held.readUInt8(7) !== 0x68 || count > 200) return { used: 1 };
      if (held.length < 12 + count) return { used: 0 };
      const right = held[10 + count] === sum(held.subarray(0, 10 + count)) && held[11 + count] === 0x16;
      if (!right) return { used: 1 };
      const to = Buffer.from(held.subarray(1, 7)).reverse().toString('hex').toUpperCase();
      const control = held.readUInt8(8);
      // Only the question for the address, and reading, may go to nobody in particular.
      const forMe = to === meter.address || (to === wildcard && (control === 0x13 || control === 0x11));
      if (!forMe) return { used: 12 + count };
      const data = Buffer.from(held.subarray(10, 10 + count).map((byte) => (byte - 0x33) & 0xff));
      return { used: 12 + count, answer: obey(control, data) };
    },
    options,
  );
  return meter;
};

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);

const sumOf = (phases: readonly number[]): number => phases.reduce((total, one) => total + one, 0);

const bcd = (value: number, bytes: number): Buffer =>
  Buffer.from(
    String(Math.round(value))
      .padStart(bytes * 2, '0')
      .slice(-bytes * 2),
    'hex',
  ).reverse();

/** The top bit of the highest byte is the sign. */
const signed = (value: number, bytes: number): Buffer => {
  const digits = bcd(Math.abs(value), bytes);
  if (value < 0) digits.writeUInt8((digits.at(-1) ?? 0) | 0x80, bytes - 1);
  return digits;
};

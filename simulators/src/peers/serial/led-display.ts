import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * profile hallhub/led-w4: `AA 55 | address | command | count | data… | sum of address..data`. Answers carry the command with
 * its top bit set and a status byte first. A wrong checksum or another's address gets no answer, as on a shared RS-485 line.
 */
const start = Buffer.from([0xaa, 0x55]);
const command = { showCall: 0x01, showText: 0x02, brightness: 0x03, clear: 0x04, status: 0x05 } as const;
const status = { ok: 0, unknownCommand: 1, badLength: 2, badValue: 3 } as const;

export interface LedDisplay {
  readonly address: number;
  /** What stands on it, GB 18030 bytes. */
  text: Buffer;
  brightness: number;
  temperature: number;
  moduleFault: boolean;
  fanFault: boolean;
}

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);

const frame = (address: number, code: number, data: Uint8Array): Buffer => {
  const covered = Buffer.concat([Buffer.from([address, code, data.length]), data]);
  return Buffer.concat([start, covered, Buffer.from([sum(covered)])]);
};

export const serveLedDisplay = (line: ByteLine, options: SerialPeerOptions & { address?: number } = {}): LedDisplay => {
  const led: LedDisplay = {
    address: options.address ?? 1,
    text: Buffer.alloc(0),
    brightness: 5,
    temperature: 36,
    moduleFault: false,
    fanFault: false,
  };

  const obey = (code: number, data: Buffer): Buffer => {
    switch (code) {
      case command.showCall:
        if (data.length < 3) return Buffer.from([status.badLength]);
        led.text = Buffer.from(data.subarray(2));
        return Buffer.from([status.ok]);
      case command.showText:
        if (data.length < 1) return Buffer.from([status.badLength]);
        if (data.readUInt8(0) > 2) return Buffer.from([status.badValue]);
        led.text = Buffer.from(data.subarray(1));
        return Buffer.from([status.ok]);
      case command.brightness: {
        const level = data[0] ?? 0;
        if (level < 1 || level > 8) return Buffer.from([status.badValue]);
        led.brightness = level;
        return Buffer.from([status.ok]);
      }
      case command.clear:
        led.text = Buffer.alloc(0);
        return Buffer.from([status.ok]);
      case command.status: {
        const faults = (led.moduleFault ? 1 : 0) | (led.fanFault ? 2 : 0);
        const head = Buffer.from([status.ok, led.brightness, led.temperature & 0xff, faults, 0x01, 0x20]);
        return Buffer.concat([head, led.text]);
      }
      default:
        return Buffer.from([status.unknownCommand]);
    }
  };

  serveSerial(
    line,
    (held) => {
      const at = held.indexOf(start);
      if (at < 0) return { used: Math.max(0, held.length - 1) };
      if (at > 0) return { used: at };
      if (held.length < 5) return { used: 0 };
      const count = held.readUInt8(4);
      if (count > 128) return { used: start.length };
      if (held.length < 6 + count) return { used: 0 };
      const covered = held.subarray(2, 5 + count);
      const address = held.readUInt8(2);
      if (sum(covered) !== held.readUInt8(5 + count)) return { used: start.length };
      if (address !== led.address) return { used: 6 + count };
      const code = held.readUInt8(3);
      return { used: 6 + count, answer: frame(address, code | 0x80, obey(code, held.subarray(5, 5 + count))) };
    },
    options,
  );
  return led;
};

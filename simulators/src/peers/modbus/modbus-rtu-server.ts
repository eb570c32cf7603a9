import { systemClock, type Timer } from '@hallhub/shared';
import { Faults, sendThrough } from '../../faults/faults.js';
import type { ByteLine } from '../serial/serial-peer.js';
import { answerSlave, broadcast, type ModbusSlave } from './modbus-slave.js';

export interface ModbusRtuServer {
  readonly requests: number;
  /** Bytes that made no request: wrong checksum, rubbish, half a frame. */
  readonly skippedBytes: number;
}

/** A frame that stops for this long is given up; the 3.5 characters of the standard are below what a pty can tell. */
const incompleteAfterMs = 40;

/** CRC-16 of Modbus over serial line 1.02, section 6.2.2: 0xA001 reflected, start 0xFFFF, low byte first. */
export const crcOf = (bytes: Uint8Array): number => {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
};

/** Several slaves on one RS-485 line; requests to others and broken ones stay unanswered. */
export const serveModbusRtu = (
  line: ByteLine,
  slaves: ReadonlyMap<number, ModbusSlave>,
  options: { turnaroundMs?: number } = {},
): ModbusRtuServer => {
  const noFaults = new Faults();
  const counters = { requests: 0, skippedBytes: 0 };
  let held = Buffer.alloc(0);
  let giveUp: Timer | undefined;

  const answer = (frame: Buffer) => {
    counters.requests++;
    const unitId = frame.readUInt8(0);
    const pdu = frame.subarray(1, frame.length - 2);
    if (unitId === 0) {
      broadcast(slaves, pdu);
      return;
    }
    const slave = slaves.get(unitId);
    if (!slave) return;
    const body = Buffer.concat([frame.subarray(0, 1), answerSlave(slave, pdu)]);
    const crc = crcOf(body);
    const whole = Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
    const send = () =>
      sendThrough(slave.faults ?? noFaults, whole, { clock: systemClock, write: (b) => line.write(b) });
    if (options.turnaroundMs) systemClock.setTimeout(send, options.turnaroundMs);
    else send();
  };

  line.onData((chunk) => {
    giveUp?.cancel();
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4) {
      // A function code that nobody serves has no known length; what came at once is taken for the frame.
      const size = requestSize(held) ?? (crcOf(held) === 0 ? held.length : undefined);
      if (size !== undefined && held.length < size) break;
      if (size === undefined || crcOf(held.subarray(0, size)) !== 0) {
        held = held.subarray(1);
        counters.skippedBytes++;
        continue;
      }
      const frame = held.subarray(0, size);
      held = held.subarray(size);
      answer(frame);
    }
    if (held.length > 0) {
      giveUp = systemClock.setTimeout(() => {
        counters.skippedBytes += held.length;
        held = Buffer.alloc(0);
      }, incompleteAfterMs);
    }
  });
  return counters;
};

/** Bytes of a request with unit id and checksum, by its function code; undefined where the code is none that is served. */
const requestSize = (held: Buffer): number | undefined => {
  const code = held.readUInt8(1);
  if (code >= 1 && code <= 6) return 8;
  if (code === 15 || code === 16) return held.length < 7 ? 9 : 9 + held.readUInt8(6);
  if (code === 22) return 10;
  if (code === 23) return held.length < 11 ? 13 : 13 + held.readUInt8(10);
  return code === 43 ? 7 : undefined;
};

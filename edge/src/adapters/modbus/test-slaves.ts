import net from 'node:net';
import { crc16 } from './crc16.js';

/** A few slaves with registers, for tests: answers PDUs, refuses addresses it does not have, and can be made to misbehave. */
export class ModbusSlaves {
  readonly registers = new Map<number, Uint16Array>();
  readonly coils = new Map<number, Uint8Array>();
  /** Holding and input registers above this address do not exist. */
  lastAddress = 999;
  /** Addresses that make the device refuse a block. */
  readonly holes = new Set<number>();
  readonly silent = new Set<number>();
  /** Function codes that it does not have (exception 1). */
  readonly unknownCodes = new Set<number>();
  /** A say in every request: an exception code, or undefined to carry it out. */
  refuse: ((unitId: number, code: number, address: number, count: number) => number | undefined) | undefined;
  /** Exception to answer with, by unit id. */
  readonly exceptions = new Map<number, number>();
  /** Every request: unit id, function code, address, count. */
  readonly requests: { unitId: number; code: number; address: number; count: number }[] = [];
  /** Changes a reply PDU before it is sent. */
  spoil: ((pdu: Buffer) => Buffer) | undefined;

  constructor(...unitIds: number[]) {
    for (const unitId of unitIds) {
      this.registers.set(unitId, new Uint16Array(65_536));
      this.coils.set(unitId, new Uint8Array(65_536));
    }
  }

  /** The reply's PDU, or undefined for silence. */
  answer(unitId: number, pdu: Buffer): Buffer | undefined {
    const registers = this.registers.get(unitId);
    const coils = this.coils.get(unitId);
    const code = pdu[0] as number;
    const address = pdu.length >= 3 ? pdu.readUInt16BE(1) : 0;
    const count = pdu.length >= 5 ? pdu.readUInt16BE(3) : 0;
    this.requests.push({ unitId, code, address, count });
    if (unitId === 0) {
      for (const [one, bank] of this.registers) this.#carryOut(pdu, bank, this.coils.get(one) as Uint8Array);
      return undefined;
    }
    if (!registers || !coils || this.silent.has(unitId)) return undefined;
    const exception =
      this.exceptions.get(unitId) ?? this.refuse?.(unitId, code, address, count) ?? this.#refusal(code, address, count);
    if (exception !== undefined) return Buffer.from([code | 0x80, exception]);
    return this.#carryOut(pdu, registers, coils);
  }

  #refusal(code: number, address: number, count: number): number | undefined {
    if (this.unknownCodes.has(code)) return 1;
    const spans = [1, 2, 3, 4, 15, 16].includes(code) ? count : 1;
    if (address + spans - 1 > this.lastAddress) return 2;
    for (const hole of this.holes) if (code === 3 && hole >= address && hole < address + spans) return 2;
    return [1, 2, 3, 4, 5, 6, 15, 16, 22, 23].includes(code) ? undefined : 1;
  }

  #carryOut(pdu: Buffer, registers: Uint16Array, coils: Uint8Array): Buffer {
    const code = pdu[0] as number;
    const address = pdu.readUInt16BE(1);
    const value = pdu.readUInt16BE(3);
    switch (code) {
      case 1:
      case 2: {
        const bytes = Buffer.alloc(Math.ceil(value / 8));
        for (let i = 0; i < value; i++)
          if (coils[address + i]) bytes[i >> 3] = (bytes[i >> 3] as number) | (1 << (i & 7));
        return Buffer.concat([Buffer.from([code, bytes.length]), bytes]);
      }
      case 3:
      case 4: {
        const bytes = Buffer.alloc(value * 2);
        for (let i = 0; i < value; i++) bytes.writeUInt16BE(registers[address + i] as number, i * 2);
        return Buffer.concat([Buffer.from([code, bytes.length]), bytes]);
      }
      case 5:
        coils[address] = value === 0xff00 ? 1 : 0;
        return pdu.subarray(0, 5);
      case 6:
        registers[address] = value;
        return pdu.subarray(0, 5);
      case 15:
        for (let i = 0; i < value; i++) coils[address + i] = ((pdu[6 + (i >> 3)] as number) >> (i & 7)) & 1;
        return pdu.subarray(0, 5);
      case 16:
        for (let i = 0; i < value; i++) registers[address + i] = pdu.readUInt16BE(6 + i * 2);
        return pdu.subarray(0, 5);
      case 23: {
        const to = pdu.readUInt16BE(5);
        for (let i = 0; i < pdu.readUInt16BE(7); i++) registers[to + i] = pdu.readUInt16BE(10 + i * 2);
        return this.#carryOut(Buffer.concat([Buffer.from([3]), pdu.subarray(1, 5)]), registers, coils).fill(23, 0, 1);
      }
      default: {
        const orMask = pdu.readUInt16BE(5);
        registers[address] = ((registers[address] as number) & value) | (orMask & ~value);
        return pdu.subarray(0, 7);
      }
    }
  }

  /** Answers MBAP requests. */
  serveMbap(bytes: Buffer, write: (bytes: Buffer) => void): void {
    for (let rest = bytes; rest.length >= 8; ) {
      const end = 6 + rest.readUInt16BE(4);
      const pdu = this.answer(rest[6] as number, rest.subarray(7, end));
      if (pdu) {
        const out = this.spoil ? this.spoil(pdu) : pdu;
        const header = Buffer.from(rest.subarray(0, 7));
        header.writeUInt16BE(out.length + 1, 4);
        write(Buffer.concat([header, out]));
      }
      rest = rest.subarray(end);
    }
  }

  /** Answers one RTU request, which has to come whole. */
  serveRtu(frame: Buffer, write: (bytes: Buffer) => void): void {
    if (frame.length < 4 || crc16(frame, frame.length - 2) !== frame.readUInt16LE(frame.length - 2)) return;
    const pdu = this.answer(frame[0] as number, frame.subarray(1, -2));
    if (pdu) write(rtuFrame(frame[0] as number, this.spoil ? this.spoil(pdu) : pdu));
  }

  /** A TCP server on a free port of the loopback interface. */
  async listen(): Promise<{ port: number; sockets: Set<net.Socket>; close(): Promise<void> }> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('data', (bytes) => this.serveMbap(bytes, (reply) => socket.write(reply)));
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    return {
      port,
      sockets,
      close: async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
}

export const rtuFrame = (unitId: number, pdu: Buffer): Buffer => {
  const frame = Buffer.concat([Buffer.from([unitId]), pdu, Buffer.alloc(2)]);
  frame.writeUInt16LE(crc16(frame, frame.length - 2), frame.length - 2);
  return frame;
};

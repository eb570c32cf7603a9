import { HubError } from '@hallhub/shared';
import type { ModbusTable } from '@hallhub/shared/profile';

/** A request and how its reply is read (Modbus Application Protocol 1.1b3, 6). */
export interface PduRequest<T> {
  readonly pdu: Buffer;
  /** Bytes of a good reply's PDU; undefined where the reply alone tells. */
  readonly replyBytes: number | undefined;
  /** Throws `protocol_violation` on a reply that does not fit the request. */
  parse(reply: Buffer): T;
}

const readCodes: Readonly<Record<ModbusTable, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };

/** FC 1 to 4. Registers as words, coils and discrete inputs as 0 and 1; exactly as many as asked for. */
export const readRequest = (table: ModbusTable, address: number, count: number): PduRequest<Uint16Array> => {
  const code = readCodes[table];
  const isBits = code <= 2;
  const bytes = isBits ? Math.ceil(count / 8) : count * 2;
  return {
    pdu: words(code, address, count),
    replyBytes: 2 + bytes,
    parse: (reply) => {
      expectBytes(reply, bytes);
      return isBits ? bitsOf(reply, count) : wordsOf(reply, count);
    },
  };
};

/** FC 5. */
export const writeCoilRequest = (address: number, value: boolean): PduRequest<undefined> =>
  echoed(words(5, address, value ? 0xff00 : 0));

/** FC 6. */
export const writeRegisterRequest = (address: number, value: number): PduRequest<undefined> =>
  echoed(words(6, address, value));

/** FC 15. */
export const writeCoilsRequest = (address: number, values: readonly boolean[]): PduRequest<undefined> => {
  const bytes = Buffer.alloc(1 + Math.ceil(values.length / 8));
  bytes[0] = bytes.length - 1;
  for (let i = 0; i < values.length; i++)
    if (values[i]) bytes[1 + (i >> 3)] = (bytes[1 + (i >> 3)] as number) | (1 << (i & 7));
  return echoed(Buffer.concat([words(15, address, values.length), bytes]));
};

/** FC 16. */
export const writeRegistersRequest = (address: number, values: readonly number[]): PduRequest<undefined> =>
  echoed(Buffer.concat([words(16, address, values.length), counted(values)]));

/** FC 22: result = (register AND andMask) OR (orMask AND NOT andMask), in the device, in one step. */
export const maskWriteRequest = (address: number, masks: { andMask: number; orMask: number }): PduRequest<undefined> =>
  echoed(words(22, address, masks.andMask, masks.orMask), 7);

/** FC 23: writes first, then reads, in one transaction. */
export const exchangeRequest = (
  read: { address: number; count: number },
  write: { address: number; values: readonly number[] },
): PduRequest<Uint16Array> => ({
  pdu: Buffer.concat([words(23, read.address, read.count, write.address, write.values.length), counted(write.values)]),
  replyBytes: 2 + read.count * 2,
  parse: (reply) => {
    expectBytes(reply, read.count * 2);
    return wordsOf(reply, read.count);
  },
});

export interface IdentificationPage {
  readonly objects: Readonly<Record<number, string>>;
  /** First object of the next page; undefined: this was the last. */
  readonly next: number | undefined;
}

/** FC 43/14. `category`: 1 basic objects, 2 regular ones. */
export const identificationRequest = (category: 1 | 2, firstObject: number): PduRequest<IdentificationPage> => ({
  pdu: Buffer.from([43, 14, category, firstObject]),
  replyBytes: undefined,
  parse: (reply) => {
    if (reply.length < 7 || reply[1] !== 14) throw violation('an identification without its header');
    const objects: Record<number, string> = {};
    let at = 7;
    for (let left = reply[6] as number; left > 0; left--) {
      const end = at + 2 + (reply[at + 1] ?? Number.NaN);
      if (!(end <= reply.length)) throw violation('an identification that ends inside an object');
      objects[reply[at] as number] = reply.toString('utf8', at + 2, end);
      at = end;
    }
    const next = reply[5] as number;
    return { objects, next: reply[4] === 0xff && next > firstObject ? next : undefined };
  },
});

/** The exception code of a reply; undefined: it is a good one. */
export const exceptionOfReply = (reply: Buffer): number | undefined =>
  (reply[0] as number) & 0x80 ? (reply[1] ?? 0) : undefined;

/** The reply repeats the first bytes of the request. */
const echoed = (pdu: Buffer, bytes = 5): PduRequest<undefined> => ({
  pdu,
  replyBytes: bytes,
  parse: (reply) => {
    if (reply.length !== bytes) throw violation(`${reply.length} bytes in the reply to a write, not ${bytes}`);
    if (reply.compare(pdu, 0, bytes) !== 0) throw violation('the reply names another write than the request');
    return undefined;
  },
});

const words = (code: number, ...values: readonly number[]): Buffer => {
  const pdu = Buffer.allocUnsafe(1 + values.length * 2);
  pdu[0] = code;
  for (let i = 0; i < values.length; i++) pdu.writeUInt16BE(values[i] as number, 1 + i * 2);
  return pdu;
};

const counted = (values: readonly number[]): Buffer => {
  const bytes = Buffer.allocUnsafe(1 + values.length * 2);
  bytes[0] = values.length * 2;
  for (let i = 0; i < values.length; i++) bytes.writeUInt16BE(values[i] as number, 1 + i * 2);
  return bytes;
};

const expectBytes = (reply: Buffer, bytes: number): void => {
  if (reply[1] !== bytes || reply.length !== 2 + bytes) {
    throw violation(`${Math.max(0, reply.length - 2)} data bytes in a reply that should have ${bytes}`);
  }
};

const wordsOf = (reply: Buffer, count: number): Uint16Array => {
  const result = new Uint16Array(count);
  for (let i = 0, at = 2; i < count; i++, at += 2) result[i] = ((reply[at] as number) << 8) | (reply[at + 1] as number);
  return result;
};

const bitsOf = (reply: Buffer, count: number): Uint16Array => {
  const result = new Uint16Array(count);
  for (let i = 0; i < count; i++) result[i] = ((reply[2 + (i >> 3)] as number) >> (i & 7)) & 1;
  return result;
};

const violation = (text: string): HubError => new HubError('protocol_violation', text);

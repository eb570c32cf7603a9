import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A resident identity card reader as sold with SDT-type security modules: frames `AA AA AA 96 69`, two bytes of length,
 * then command and parameter (or three status bytes in answers), data, and an XOR over all behind the start.
 */
const start = Buffer.from([0xaa, 0xaa, 0xaa, 0x96, 0x69]);

const status = {
  found: [0x00, 0x00, 0x9f],
  done: [0x00, 0x00, 0x90],
  noCard: [0x00, 0x00, 0x80],
  selectFailed: [0x00, 0x00, 0x81],
  readFailed: [0x00, 0x00, 0x41],
  badChecksum: [0x00, 0x00, 0x10],
  unknownCommand: [0x00, 0x00, 0x21],
} as const;

export interface IdCard {
  readonly name: string;
  /** 1 male, 2 female (GB/T 2261.1). */
  readonly sex: '1' | '2';
  /** Two digits (GB/T 3304). */
  readonly nation: string;
  readonly birth: string;
  readonly address: string;
  readonly number: string;
  readonly issuer: string;
  readonly validFrom: string;
  readonly validTo: string;
}

/** Nobody's card: the area code 990000 is not in use. */
export const sampleCard: IdCard = {
  name: '测试一',
  sex: '2',
  nation: '01',
  birth: '19900307',
  address: '演示市示例区样板路1号',
  number: '990000199003070020',
  issuer: '演示市公安局示例分局',
  validFrom: '20200101',
  validTo: '20400101',
};

const fields: readonly (readonly [keyof IdCard, bytes: number])[] = [
  ['name', 30],
  ['sex', 2],
  ['nation', 4],
  ['birth', 16],
  ['address', 70],
  ['number', 36],
  ['issuer', 30],
  ['validFrom', 16],
  ['validTo', 16],
];

/** 256 bytes of UTF-16LE in fixed fields, padded with blanks. */
export const cardText = (card: IdCard): Buffer => {
  const text = Buffer.alloc(256);
  for (let i = 0; i < 256; i += 2) text.writeUInt16LE(0x20, i);
  let at = 0;
  for (const [field, bytes] of fields) {
    Buffer.from(card[field], 'utf16le').subarray(0, bytes).copy(text, at);
    at += bytes;
  }
  return text;
};

const frame = (body: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length + 1);
  const covered = Buffer.concat([length, body]);
  return Buffer.concat([start, covered, Buffer.from([covered.reduce((sum, byte) => sum ^ byte, 0)])]);
};

const answer = (code: readonly number[], data: Buffer = Buffer.alloc(0)) =>
  frame(Buffer.concat([Buffer.from(code), data]));

export interface IdCardReader {
  /** Lays a card on the reader, or takes it away. A card that was read is not found again until it was taken away. */
  lay(card: IdCard): void;
  takeAway(): void;
}

export const serveIdCardReader = (
  line: ByteLine,
  options: SerialPeerOptions & { samId?: Buffer } = {},
): IdCardReader => {
  let card: IdCard | undefined;
  let wasRead = false;
  const samId = options.samId ?? Buffer.from('05030104000000010000000100000001', 'hex');
  let selected = false;

  const obey = (command: number, parameter: number): Buffer => {
    switch ((command << 8) | parameter) {
      case 0x11ff:
        return answer(status.done);
      case 0x12ff:
        return answer(status.done, samId);
      case 0x10ff:
        selected = false;
        return answer(status.done);
      case 0x2001:
        selected = false;
        return card && !wasRead ? answer(status.found, Buffer.alloc(4)) : answer(status.noCard);
      case 0x2002:
        selected = card !== undefined && !wasRead;
        return selected ? answer(status.done, Buffer.alloc(8)) : answer(status.selectFailed);
      case 0x3001: {
        if (!card || !selected) return answer(status.readFailed);
        wasRead = true;
        selected = false;
        const sizes = Buffer.from([0x01, 0x00, 0x04, 0x00]);
        return answer(status.done, Buffer.concat([sizes, cardText(card), Buffer.alloc(1024)]));
      }
      default:
        return answer(status.unknownCommand);
    }
  };

  serveSerial(
    line,
    (held) => {
      const at = held.indexOf(start);
      if (at < 0) return { used: Math.max(0, held.length - start.length + 1) };
      if (at > 0) return { used: at };
      if (held.length < 7) return { used: 0 };
      const length = held.readUInt16BE(5);
      if (length < 3 || length > 1024) return { used: start.length };
      if (held.length < 7 + length) return { used: 0 };
      const covered = held.subarray(5, 7 + length - 1);
      const good = covered.reduce((sum, byte) => sum ^ byte, 0) === held[7 + length - 1];
      return {
        used: 7 + length,
        answer: good ? obey(held.readUInt8(7), held.readUInt8(8)) : answer(status.badChecksum),
      };
    },
    options,
  );
  return {
    lay(next) {
      card = next;
      wasRead = false;
    },
    takeAway() {
      card = undefined;
    },
  };
};

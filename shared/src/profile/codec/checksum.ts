import { HubError } from '../../errors/index.js';
import type { Checksum, ChecksumKind } from '../serial-schema.js';
import { concatBytes, hexToBytes, startsWithAt } from './bytes.js';

/** Bytes that a checksum takes, before hex encoding. */
export function checksumSize(kind: ChecksumKind): 1 | 2 | 4 {
  if (kind === 'crc32') return 4;
  return kind.startsWith('crc16') || kind.startsWith('sum16') ? 2 : 1;
}

interface Crc {
  bits: 8 | 16 | 32;
  /** The polynomial as it is shifted: turned round where the lowest bit goes first. */
  polynomial: number;
  start: number;
  reflected: boolean;
  xorOut: number;
}

const crc16 = (polynomial: number, start: number, reflected: boolean, xorOut = 0): Crc => ({
  bits: 16,
  polynomial,
  start,
  reflected,
  xorOut,
});

const crcs: Partial<Record<ChecksumKind, Crc>> = {
  crc8: { bits: 8, polynomial: 0x07, start: 0, reflected: false, xorOut: 0 },
  'crc8-maxim': { bits: 8, polynomial: 0x8c, start: 0, reflected: true, xorOut: 0 },
  'crc8-rohc': { bits: 8, polynomial: 0xe0, start: 0xff, reflected: true, xorOut: 0 },
  'crc16-modbus': crc16(0xa001, 0xffff, true),
  'crc16-arc': crc16(0xa001, 0, true),
  'crc16-usb': crc16(0xa001, 0xffff, true, 0xffff),
  'crc16-kermit': crc16(0x8408, 0, true),
  'crc16-mcrf4xx': crc16(0x8408, 0xffff, true),
  'crc16-x25': crc16(0x8408, 0xffff, true, 0xffff),
  'crc16-ccitt': crc16(0x1021, 0xffff, false),
  'crc16-ccitt-false': crc16(0x1021, 0xffff, false),
  'crc16-xmodem': crc16(0x1021, 0, false),
  crc32: { bits: 32, polynomial: 0xedb88320, start: 0xffffffff, reflected: true, xorOut: 0xffffffff },
};

/**
 * sum8, sum16: sum modulo 2^8, 2^16; -negated: its two's complement; sum8-ones: its one's complement; lrc8: as
 * sum8-negated (Modbus ASCII, ISO 1155); xor8: BCC; the CRCs as catalogued under these names.
 */
export function computeChecksum(kind: ChecksumKind, bytes: Uint8Array): number {
  switch (kind) {
    case 'sum8':
      return sum(bytes) & 0xff;
    case 'sum8-negated':
    case 'lrc8':
      return -sum(bytes) & 0xff;
    case 'sum8-ones':
      return ~sum(bytes) & 0xff;
    case 'sum16':
      return sum(bytes) & 0xffff;
    case 'sum16-negated':
      return -sum(bytes) & 0xffff;
    case 'xor8':
      return bytes.reduce((xor, byte) => xor ^ byte, 0);
    default:
      return computeCrc(crcs[kind] as Crc, bytes);
  }
}

/** Bytes of the checksum field as they stand in a frame. */
export function checksumFieldSize(checksum: Checksum): number {
  return checksumSize(checksum.kind) * (checksum.encoding === 'hex' ? 2 : 1);
}

/** The checksum field for a frame without it and without what follows it. Throws `invalid_input` for digits that are none. */
export function checksumField(checksum: Checksum, covered: Uint8Array): Uint8Array {
  const bytes = coveredBytes(checksum, covered);
  if (!bytes) throw new HubError('invalid_input', 'the checksum covers hex digits, and there are other bytes');
  const value = computeChecksum(checksum.kind, bytes);
  const size = checksumSize(checksum.kind);
  const binary = new Uint8Array(size);
  for (let index = 0; index < size; index++) {
    binary[checksum.order === 'little' ? index : size - 1 - index] = (value >>> (8 * index)) & 0xff;
  }
  if (checksum.encoding === 'binary') return binary;
  return concatBytes(
    ...Array.from(binary, (byte) => {
      const text = byte.toString(16).padStart(2, '0').toUpperCase();
      return Uint8Array.of(text.charCodeAt(0), text.charCodeAt(1));
    }),
  );
}

/** What the checksum is computed of; undefined where that should be hex digits and is not. */
function coveredBytes({ from, gap = 0, covers }: Checksum, before: Uint8Array): Uint8Array | undefined {
  const bytes = before.subarray(from, Math.max(from, before.length - gap));
  if (covers !== 'hexDigits') return bytes;
  const digits = String.fromCharCode(...bytes);
  return /^(?:[0-9a-fA-F]{2})*$/.test(digits) ? hexToBytes(digits) : undefined;
}

/** True where the frame’s checksum field is right. Hex digits may be small. */
export function isChecksumRight(checksum: Checksum, frame: Uint8Array): boolean {
  const size = checksumFieldSize(checksum);
  const at = frame.length - checksum.after - size;
  if (at < checksum.from) return false;
  const before = frame.subarray(0, at);
  if (!coveredBytes(checksum, before)) return false;
  const expected = checksumField(checksum, before);
  if (checksum.encoding === 'binary') return startsWithAt(frame, expected, at);
  // a to f only: raising other bytes would let a corrupt frame pass.
  const found = frame.slice(at, at + size).map((byte) => (byte >= 0x61 && byte <= 0x66 ? byte - 0x20 : byte));
  return startsWithAt(found, expected, 0);
}

/** Never beyond 2^32: no frame has more than 64 KiB. */
function sum(bytes: Uint8Array): number {
  return bytes.reduce((total, byte) => total + byte, 0);
}

const tables = new Map<Crc, Uint32Array>();

function computeCrc(crc: Crc, bytes: Uint8Array): number {
  let table = tables.get(crc);
  if (!table) {
    table = Uint32Array.from({ length: 256 }, (_, byte) => shiftByte(crc, byte));
    tables.set(crc, table);
  }
  const mask = crc.bits === 32 ? 0xffffffff : (1 << crc.bits) - 1;
  let value = crc.start;
  for (const byte of bytes) {
    value = crc.reflected
      ? (table[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8)
      : ((table[((value >>> (crc.bits - 8)) ^ byte) & 0xff] ?? 0) ^ (value << 8)) & mask;
  }
  return ((value ^ crc.xorOut) & mask) >>> 0;
}

function shiftByte({ bits, polynomial, reflected }: Crc, byte: number): number {
  let value = reflected ? byte : byte << (bits - 8);
  for (let bit = 0; bit < 8; bit++) {
    if (reflected) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    else value = value & (1 << (bits - 1)) ? (value << 1) ^ polynomial : value << 1;
  }
  return value >>> 0;
}

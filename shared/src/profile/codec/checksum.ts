import type { Checksum, ChecksumKind } from '../serial-schema.js';
import { concatBytes, startsWithAt } from './bytes.js';

/** Bytes that a checksum takes, before hex encoding. */
export function checksumSize(kind: ChecksumKind): 1 | 2 {
  return kind.startsWith('crc16') ? 2 : 1;
}

/**
 * sum8: sum modulo 256; sum8-negated: its two's complement (LRC); xor8: BCC; crc8: polynomial 07, start 00;
 * crc16-modbus: A001 reflected, start FFFF; crc16-ccitt: 1021, start FFFF (CCITT-FALSE); crc16-xmodem: 1021, start 0.
 */
export function computeChecksum(kind: ChecksumKind, bytes: Uint8Array): number {
  switch (kind) {
    case 'sum8':
      return sum8(bytes);
    case 'sum8-negated':
      return -sum8(bytes) & 0xff;
    case 'xor8':
      return bytes.reduce((xor, byte) => xor ^ byte, 0);
    case 'crc8':
      return bytes.reduce((crc, byte) => shiftLeft(crc ^ byte, 0x07, 8), 0);
    case 'crc16-modbus':
      return bytes.reduce((crc, byte) => shiftRight(crc ^ byte, 0xa001), 0xffff);
    case 'crc16-ccitt':
      return bytes.reduce((crc, byte) => shiftLeft(crc ^ (byte << 8), 0x1021, 16), 0xffff);
    case 'crc16-xmodem':
      return bytes.reduce((crc, byte) => shiftLeft(crc ^ (byte << 8), 0x1021, 16), 0);
  }
}

/** Bytes of the checksum field as they stand in a frame. */
export function checksumFieldSize(checksum: Checksum): number {
  return checksumSize(checksum.kind) * (checksum.encoding === 'hex' ? 2 : 1);
}

/** The checksum field for a frame without it and without what follows it. */
export function checksumField(checksum: Checksum, covered: Uint8Array): Uint8Array {
  const sum = computeChecksum(checksum.kind, covered.subarray(checksum.from));
  const high = sum >> 8;
  const low = sum & 0xff;
  const binary =
    checksumSize(checksum.kind) === 1
      ? Uint8Array.of(low)
      : checksum.order === 'big'
        ? Uint8Array.of(high, low)
        : Uint8Array.of(low, high);
  if (checksum.encoding === 'binary') return binary;
  return concatBytes(
    ...Array.from(binary, (byte) => {
      const text = byte.toString(16).padStart(2, '0').toUpperCase();
      return Uint8Array.of(text.charCodeAt(0), text.charCodeAt(1));
    }),
  );
}

/** True where the frame’s checksum field is right. Hex digits may be small. */
export function isChecksumRight(checksum: Checksum, frame: Uint8Array): boolean {
  const size = checksumFieldSize(checksum);
  const at = frame.length - checksum.after - size;
  if (at < checksum.from) return false;
  const expected = checksumField(checksum, frame.subarray(0, at));
  if (checksum.encoding === 'binary') return startsWithAt(frame, expected, at);
  // a to f only: raising other bytes would let a corrupt frame pass.
  const found = frame.slice(at, at + size).map((byte) => (byte >= 0x61 && byte <= 0x66 ? byte - 0x20 : byte));
  return startsWithAt(found, expected, 0);
}

function sum8(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
}

function shiftLeft(start: number, polynomial: number, bits: 8 | 16): number {
  const top = 1 << (bits - 1);
  const mask = (1 << bits) - 1;
  let crc = start & mask;
  for (let bit = 0; bit < 8; bit++) crc = (crc & top ? (crc << 1) ^ polynomial : crc << 1) & mask;
  return crc;
}

function shiftRight(start: number, polynomial: number): number {
  let crc = start;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
  return crc;
}

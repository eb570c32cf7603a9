import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * Trace ids are not carried along, they follow from what both ends know anyway (docs/protocol.md 1.7): a row's from its chain,
 * a command's or a request's from its UUID. 32 hex digits, as W3C Trace Context has them.
 */
export const traceOfRow = (chain: Uint8Array): string => bytesToHex(chain.subarray(0, 16));

export const traceOfId = (uuid: string): string => uuid.replaceAll('-', '');

/** The span of one step within a trace: the same wherever it is worked out, so that the next step can name its parent. 16 hex digits. */
export const spanOf = (traceId: string, step: string): string =>
  bytesToHex(sha256(utf8ToBytes(`${traceId} ${step}`)).subarray(0, 8));

/** Whether both ends trace this row: `ratio` of 0 to 1 of all chains. */
export const isRowSampled = (chain: Uint8Array, ratio: number): boolean => {
  const [a = 0, b = 0, c = 0, d = 0] = chain;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 < ratio * 2 ** 32;
};

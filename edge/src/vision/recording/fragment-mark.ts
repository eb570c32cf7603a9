import type { Fragment } from '../pipeline/fragment.js';

/**
 * A box before each fragment in a file of the ring that says all that is to be known of it without reading it. ISO/IEC 14496-12, 4.2: a `uuid`
 * box that a player does not know is passed over.
 */
export const markBytes = 56;
const userType = Buffer.from('68616c6c6875622d667261676d656e74', 'hex');

export interface FragmentMark {
  /** By the unit's clock, epoch ms. */
  readonly atMs: number;
  readonly mediaMs: number;
  readonly durationMs: number;
  readonly isKeyframe: boolean;
  /** Of the fragment that follows. */
  readonly bytes: number;
}

export const writeMark = ({
  atMs,
  mediaMs,
  durationMs,
  isKeyframe,
  bytes,
}: Pick<Fragment, 'atMs' | 'mediaMs' | 'durationMs' | 'isKeyframe' | 'bytes'>): Buffer => {
  const mark = Buffer.alloc(markBytes);
  mark.writeUInt32BE(markBytes, 0);
  mark.write('uuid', 4, 'latin1');
  userType.copy(mark, 8);
  mark.writeDoubleBE(atMs, 24);
  mark.writeDoubleBE(mediaMs, 32);
  mark.writeDoubleBE(durationMs, 40);
  mark.writeUInt32BE(bytes.length, 48);
  mark.writeUInt8(isKeyframe ? 1 : 0, 52);
  return mark;
};

/** Undefined: there is no mark here, or no sound one. */
export const readMark = (mark: Buffer): FragmentMark | undefined => {
  if (mark.length < markBytes || mark.readUInt32BE(0) !== markBytes || mark.toString('latin1', 4, 8) !== 'uuid')
    return undefined;
  if (!mark.subarray(8, 24).equals(userType)) return undefined;
  const [atMs, mediaMs, durationMs] = [mark.readDoubleBE(24), mark.readDoubleBE(32), mark.readDoubleBE(40)];
  const bytes = mark.readUInt32BE(48);
  if (![atMs, mediaMs, durationMs].every(Number.isFinite) || bytes === 0) return undefined;
  return { atMs, mediaMs, durationMs, bytes, isKeyframe: mark.readUInt8(52) === 1 };
};

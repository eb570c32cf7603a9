import { type FileHandle, open } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import { readInitSegment } from '../pipeline/init-segment.js';
import { boxAt, boxesIn } from '../pipeline/mp4-box.js';
import type { RecordingRing } from './recording-ring.js';
import { indexRingFile, type RingEntry, readAt } from './ring-file.js';

export interface ClipRequest {
  /** Epoch ms by the unit's clock. The clip begins with the last keyframe before `fromMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What it is about: kept where not all of it can be. */
  readonly aroundMs: number;
  readonly maxBytes: number;
}

export interface Clip {
  /** Fragmented MP4 that begins at 0. */
  readonly bytes: Buffer;
  readonly fromMs: number;
  readonly toMs: number;
  /** When its last picture begins. */
  readonly lastMs: number;
  /** The bound in bytes, or a change of the camera's picture, left something out. */
  readonly isShortened: boolean;
}

interface Piece extends RingEntry {
  /** Of its file, which may get another name meanwhile. */
  readonly seq: number;
  readonly init: Buffer;
}

/** A keyframe further back than this is none of this clip. */
const longestGroupMs = 30_000;
/** Media time that goes on within this is one stream. */
const jitterMs = 200;
const longestHoleMs = 2_000;

/** Takes a clip out of the ring as it was recorded, nothing encoded anew. Undefined: nothing of that time is here. */
export const cutClip = async (ring: RecordingRing, request: ClipRequest): Promise<Clip | undefined> => {
  await ring.flush();
  const all = await piecesOf(ring, request);
  const one = oneStream(all, request.aroundMs);
  const wanted = within(one, request);
  const fitting = fit(wanted, request);
  const [first, last] = [fitting[0], fitting.at(-1)];
  if (!first || !last) return undefined;
  const bytes = Buffer.concat([first.init, ...(await read(ring, fitting))]);
  const isShortened = fitting.length < wanted.length || one.length < all.length;
  return { bytes, fromMs: first.atMs, toMs: last.atMs + last.durationMs, lastMs: last.atMs, isShortened };
};

const piecesOf = async (ring: RecordingRing, { fromMs, toMs }: ClipRequest): Promise<Piece[]> => {
  const pieces: Piece[] = [];
  for (const { seq, startMs, endMs } of ring.segments) {
    if (endMs < fromMs - longestGroupMs || startMs > toMs) continue;
    const index = await withFile(ring, seq, indexRingFile);
    if (index) pieces.push(...index.entries.map((entry) => ({ ...entry, seq, init: index.init })));
  }
  return pieces;
};

/** Once more where the file got its final name meanwhile. Undefined: it was given up for space. */
const withFile = async <T>(
  ring: RecordingRing,
  seq: number,
  use: (file: string) => Promise<T>,
): Promise<T | undefined> => {
  let tried: string | undefined;
  for (;;) {
    const file = ring.segments.find((segment) => segment.seq === seq)?.file;
    if (file === undefined || file === tried) return undefined;
    try {
      return await use(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      tried = file;
      await ring.flush();
    }
  }
};

/** Another beginning is another picture: players take but one. */
const oneStream = (pieces: readonly Piece[], aroundMs: number): Piece[] => {
  const at = pieces.reduce(
    (best, piece) => (!best || Math.abs(piece.atMs - aroundMs) < Math.abs(best.atMs - aroundMs) ? piece : best),
    pieces[0],
  );
  return at ? pieces.filter(({ init }) => init.equals(at.init)) : [];
};

const within = (pieces: readonly Piece[], { fromMs, toMs }: ClipRequest): Piece[] => {
  const before = pieces.findLastIndex(({ isKeyframe, atMs }) => isKeyframe && atMs <= fromMs);
  const start = before >= 0 ? before : pieces.findIndex(({ isKeyframe }) => isKeyframe);
  return start < 0 ? [] : pieces.slice(start).filter(({ atMs }) => atMs <= toMs);
};

/** Too large: first the end goes, then the beginning up to a later keyframe. */
const fit = (pieces: readonly Piece[], { aroundMs, maxBytes }: ClipRequest): Piece[] => {
  const kept = [...pieces];
  let bytes = kept.reduce((sum, piece) => sum + piece.bytes, kept[0]?.init.length ?? 0);
  while (bytes > maxBytes && (kept.at(-1)?.atMs ?? 0) > aroundMs + 1_000) bytes -= kept.pop()?.bytes ?? 0;
  while (bytes > maxBytes) {
    const next = kept.findIndex(({ isKeyframe }, i) => i > 0 && isKeyframe);
    if (next < 0) throw new HubError('too_large', `one group of pictures alone is over ${maxBytes} bytes`);
    for (const { bytes: gone } of kept.splice(0, next)) bytes -= gone;
  }
  return kept;
};

/** The fragments with their time put to go on from 0 without a break, however often the camera had begun anew. */
const read = async (ring: RecordingRing, pieces: readonly Piece[]): Promise<Buffer[]> => {
  const handles = new Map<number, FileHandle>();
  const fragments: Buffer[] = [];
  let endMs = 0;
  let shiftMs: number | undefined;
  let last: Piece | undefined;
  const timescales = new Map<Buffer, number>();
  const timescaleOf = (init: Buffer): number => {
    const known = timescales.get(init) ?? readTimescale(init);
    timescales.set(init, known);
    return known;
  };
  try {
    for (const piece of pieces) {
      const handle = handles.get(piece.seq) ?? (await withFile(ring, piece.seq, (file) => open(file, 'r')));
      if (!handle) throw new HubError('not_found', 'a recording was given up meanwhile');
      handles.set(piece.seq, handle);
      const fragment = await readAt(handle, piece.offset, piece.bytes);
      const goesOn =
        shiftMs !== undefined &&
        piece.mediaMs + shiftMs >= endMs - jitterMs &&
        piece.mediaMs + shiftMs <= endMs + longestHoleMs;
      if (!goesOn) {
        const holeMs = last ? Math.max(0, piece.atMs - last.atMs - last.durationMs) : 0;
        shiftMs = endMs + holeMs - piece.mediaMs;
      }
      shiftTime(fragment, Math.round(((shiftMs ?? 0) * timescaleOf(piece.init)) / 1_000));
      endMs = piece.mediaMs + (shiftMs ?? 0) + piece.durationMs;
      fragments.push(fragment);
      last = piece;
    }
    return fragments;
  } finally {
    await Promise.all([...handles.values()].map((handle) => handle.close()));
  }
};

const readTimescale = (init: Buffer): number => {
  const boxes = [...boxesIn(init, 0)];
  const [ftyp, moov] = ['ftyp', 'moov'].map((type) => boxes.find((box) => box.type === type));
  if (!ftyp || !moov) throw new HubError('protocol_violation', 'a recording without a beginning');
  return readInitSegment(ftyp, moov).timescale;
};

/** Decode times of all tracks (ISO/IEC 14496-12, 8.8.12), in place. */
const shiftTime = (fragment: Buffer, units: number): void => {
  for (const moof of boxesIn(fragment, 0)) {
    if (moof.type !== 'moof') continue;
    for (const traf of boxesIn(moof.bytes, moof.start)) {
      const tfdt = traf.type === 'traf' ? boxAt(traf, 'tfdt') : undefined;
      if (!tfdt) continue;
      const time = Buffer.from(tfdt.bytes.buffer, tfdt.bytes.byteOffset + tfdt.start, tfdt.bytes.length - tfdt.start);
      if (time[0] === 1) time.writeBigUInt64BE(clamp(time.readBigUInt64BE(4) + BigInt(units)), 4);
      else time.writeUInt32BE(Math.min(0xffff_ffff, Math.max(0, time.readUInt32BE(4) + units)), 4);
    }
  }
};

const clamp = (units: bigint): bigint => (units < 0n ? 0n : units);

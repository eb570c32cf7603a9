import { HubError } from '@hallhub/shared';
import { codecOf, type VideoEntry } from './codec-string.js';
import type { InitSegment } from './fragment.js';
import { boxAt, boxesIn, type Mp4Box, uint16, uint32 } from './mp4-box.js';

/** What of the `moov` is needed to read fragments, beside what is told to others. */
export interface TrackHeader extends InitSegment {
  readonly trackId: number;
  readonly entry: VideoEntry;
  /** Of `trex`. */
  readonly defaults: { readonly durationUnits: number; readonly flags: number };
}

/** Boxes of a sample entry begin after its fixed fields (ISO/IEC 14496-12, 12.1.3). */
const visualEntryBytes = 78;

/** Reads `ftyp` and `moov` of a file with one video track. Throws `protocol_violation`. */
export const readInitSegment = (ftyp: Mp4Box, moov: Mp4Box): TrackHeader => {
  const tracks = [...boxesIn(moov.bytes, moov.start)].filter(({ type }) => type === 'trak');
  const trak = tracks.find((one) => handlerOf(one) === 'vide');
  const tkhd = trak && boxAt(trak, 'tkhd');
  const mdhd = trak && boxAt(trak, 'mdia/mdhd');
  const stsd = trak && boxAt(trak, 'mdia/minf/stbl/stsd');
  const sample = stsd && [...boxesIn(stsd.bytes, stsd.start + 8)][0];
  if (!tkhd || !mdhd || !sample || sample.bytes.length < sample.start + visualEntryBytes)
    throw new HubError('protocol_violation', 'the stream has no video track');
  const isLong = (box: Mp4Box): boolean => box.bytes[box.start] === 1;
  const { bytes, start } = sample;
  const entry: VideoEntry = {
    format: sample.type,
    boxes: new Map(
      [...boxesIn(bytes, start + visualEntryBytes)].map((box) => [box.type, box.bytes.subarray(box.start)]),
    ),
  };
  const timescale = uint32(mdhd.bytes, mdhd.start + (isLong(mdhd) ? 20 : 12));
  if (timescale === 0) throw new HubError('protocol_violation', 'the stream has no timescale');
  const whole = new Uint8Array(ftyp.bytes.length + moov.bytes.length);
  whole.set(ftyp.bytes);
  whole.set(moov.bytes, ftyp.bytes.length);
  return {
    bytes: whole,
    codec: codecOf(entry),
    width: uint16(bytes, start + 24),
    height: uint16(bytes, start + 26),
    timescale,
    trackId: uint32(tkhd.bytes, tkhd.start + (isLong(tkhd) ? 20 : 12)),
    entry,
    defaults: defaultsOf(moov),
  };
};

const handlerOf = (trak: Mp4Box): string | undefined => {
  const hdlr = boxAt(trak, 'mdia/hdlr');
  return hdlr && String.fromCharCode(...hdlr.bytes.subarray(hdlr.start + 8, hdlr.start + 12));
};

const defaultsOf = (moov: Mp4Box): TrackHeader['defaults'] => {
  const trex = boxAt(moov, 'mvex/trex');
  if (!trex || trex.bytes.length < trex.start + 24) return { durationUnits: 0, flags: 0 };
  return { durationUnits: uint32(trex.bytes, trex.start + 12), flags: uint32(trex.bytes, trex.start + 20) };
};

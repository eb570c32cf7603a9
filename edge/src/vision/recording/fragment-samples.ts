import { HubError } from '@hallhub/shared';
import { boxAt, boxesIn, type Mp4Box, uint32, uint64 } from '../pipeline/mp4-box.js';

export interface Sample {
  readonly bytes: number;
  readonly durationUnits: number;
  /** Presentation minus decode time. */
  readonly offsetUnits: number;
  readonly isKey: boolean;
}

export interface SampleRun {
  /** Media time of the first, timescale units. */
  readonly decodeTime: number;
  /** Of the first sample's bytes, from the fragment's beginning. */
  readonly dataOffset: number;
  readonly samples: readonly Sample[];
}

/** A fragment is one picture, or few: a count beyond is a damaged one. */
const mostSamples = 10_000;
const isNotSync = 0x0001_0000;
const flagsOf = ({ bytes, start }: Mp4Box): number => uint32(bytes, start) & 0xff_ffff;

/** What `moof` says of its one track's pictures (ISO/IEC 14496-12, 8.8.7 and 8.8.8). Throws `protocol_violation`. */
export const samplesOf = (
  moof: Mp4Box,
  track: { readonly durationUnits: number; readonly flags: number },
): SampleRun => {
  const traf = [...boxesIn(moof.bytes, moof.start)].find(({ type }) => type === 'traf');
  const [tfhd, tfdt, trun] = ['tfhd', 'tfdt', 'trun'].map((type) => traf && boxAt(traf, type));
  if (!tfhd || !tfdt || !trun) throw new HubError('protocol_violation', 'a recorded picture without its header');
  const defaults = defaultsOf(tfhd, track);
  const { bytes, start } = trun;
  const present = flagsOf(trun);
  const count = uint32(bytes, start + 4);
  if (count > mostSamples) throw new HubError('protocol_violation', 'a run of too many pictures');
  let at = start + 8;
  const next = (): number => {
    at += 4;
    if (at > bytes.length) throw new HubError('protocol_violation', 'a run of pictures is cut off');
    return uint32(bytes, at - 4);
  };
  const dataOffset = present & 0x1 ? next() : moof.bytes.length + 8;
  const firstFlags = present & 0x4 ? next() : undefined;
  const samples: Sample[] = [];
  for (let i = 0; i < count; i++) {
    const durationUnits = present & 0x100 ? next() : defaults.durationUnits;
    const size = present & 0x200 ? next() : defaults.bytes;
    const own = present & 0x400 ? next() : defaults.flags;
    const offsetUnits = present & 0x800 ? next() | 0 : 0;
    const flags = i === 0 && firstFlags !== undefined ? firstFlags : own;
    samples.push({ bytes: size, durationUnits, offsetUnits, isKey: (flags & isNotSync) === 0 });
  }
  const isLong = tfdt.bytes[tfdt.start] === 1;
  const decodeTime = isLong ? uint64(tfdt.bytes, tfdt.start + 4) : uint32(tfdt.bytes, tfdt.start + 4);
  return { decodeTime, dataOffset, samples };
};

const defaultsOf = (tfhd: Mp4Box, track: { readonly durationUnits: number; readonly flags: number }) => {
  const present = flagsOf(tfhd);
  let at = tfhd.start + 8;
  const next = (bit: number, size = 4): number | undefined => {
    if ((present & bit) === 0) return undefined;
    at += size;
    return uint32(tfhd.bytes, at - 4);
  };
  next(0x1, 8);
  next(0x2);
  return {
    durationUnits: next(0x8) ?? track.durationUnits,
    bytes: next(0x10) ?? 0,
    flags: next(0x20) ?? track.flags,
  };
};

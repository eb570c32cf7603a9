import { HubError } from '@hallhub/shared';
import type { Fragment, InitSegment } from './fragment.js';
import { readInitSegment, type TrackHeader } from './init-segment.js';
import { MediaClock } from './media-clock.js';
import { boxAt, boxesIn, type Mp4Box, Mp4BoxReader, uint32, uint64 } from './mp4-box.js';
import { parameterSetsIn, parameterSetsOf } from './parameter-sets.js';

export interface FragmentReaderOptions {
  /** The unit's clock, epoch ms. */
  readonly now: () => number;
  readonly onInit: (init: InitSegment) => void;
  readonly onFragment: (fragment: Fragment) => void;
  readonly maxFragmentBytes?: number;
}

const isNotSync = 0x0001_0000;

/**
 * Reads fragmented MP4 as ffmpeg writes it, cut anywhere. `push` throws `protocol_violation` where it is no such stream, and
 * `gone` where the camera changed its picture (other parameter sets): the init segment does not hold any more.
 */
export class FragmentReader {
  readonly #boxes: Mp4BoxReader;
  readonly #options: FragmentReaderOptions;
  readonly #clock = new MediaClock();
  #ftyp: Mp4Box | undefined;
  #header: TrackHeader | undefined;
  #parameterSets: ReadonlySet<string> = new Set();
  #moof: Mp4Box | undefined;
  #seq = 0;

  constructor(options: FragmentReaderOptions) {
    this.#options = options;
    this.#boxes = new Mp4BoxReader(options.maxFragmentBytes);
  }

  get timeJumps(): number {
    return this.#clock.jumps;
  }

  push(chunk: Uint8Array): void {
    for (const box of this.#boxes.push(chunk)) this.#take(box);
  }

  #take(box: Mp4Box): void {
    if (box.type === 'ftyp') this.#ftyp = box;
    else if (box.type === 'moov') this.#begin(box);
    else if (box.type === 'moof') this.#moof = box;
    else if (box.type === 'mdat') this.#fragment(box);
  }

  #begin(moov: Mp4Box): void {
    if (!this.#ftyp) throw new HubError('protocol_violation', 'the stream has no file type');
    this.#header = readInitSegment(this.#ftyp, moov);
    this.#parameterSets = new Set(parameterSetsOf(this.#header.entry));
    this.#seq = 0;
    const { bytes, codec, width, height, timescale } = this.#header;
    this.#options.onInit({ bytes, codec, width, height, timescale });
  }

  #fragment(mdat: Mp4Box): void {
    const moof = this.#moof;
    const header = this.#header;
    this.#moof = undefined;
    if (!moof || !header) throw new HubError('protocol_violation', 'the stream has pictures without a header');
    const run = readRun(moof, header);
    if (!run) return;
    if (run.isKeyframe) this.#checkSets(header, mdat);
    const bytes = new Uint8Array(moof.bytes.length + mdat.bytes.length);
    bytes.set(moof.bytes);
    bytes.set(mdat.bytes, moof.bytes.length);
    const durationMs = (run.durationUnits * 1_000) / header.timescale;
    const mediaMs = (run.decodeTime * 1_000) / header.timescale;
    this.#options.onFragment({
      seq: this.#seq++,
      bytes,
      isKeyframe: run.isKeyframe,
      atMs: this.#clock.at(mediaMs, this.#options.now() - Math.min(durationMs, 1_000)),
      mediaMs,
      durationMs,
    });
  }

  #checkSets(header: TrackHeader, mdat: Mp4Box): void {
    if (this.#parameterSets.size === 0) return;
    for (const set of parameterSetsIn(header.entry, mdat.bytes.subarray(mdat.start))) {
      if (!this.#parameterSets.has(set)) throw new HubError('gone', 'the camera changed its picture');
    }
  }
}

interface Run {
  readonly decodeTime: number;
  readonly durationUnits: number;
  readonly isKeyframe: boolean;
}

/** Of the video track; undefined: nothing of it is in this fragment. ISO/IEC 14496-12, 8.8. */
const readRun = (moof: Mp4Box, header: TrackHeader): Run | undefined => {
  for (const traf of boxesIn(moof.bytes, moof.start)) {
    if (traf.type !== 'traf') continue;
    const tfhd = boxAt(traf, 'tfhd');
    const tfdt = boxAt(traf, 'tfdt');
    const trun = boxAt(traf, 'trun');
    if (!tfhd || !tfdt || !trun) throw new HubError('protocol_violation', 'a fragment has no run of pictures');
    const of = defaultsOf(tfhd, header);
    if (of.trackId !== header.trackId) continue;
    const decodeTime =
      tfdt.bytes[tfdt.start] === 1 ? uint64(tfdt.bytes, tfdt.start + 4) : uint32(tfdt.bytes, tfdt.start + 4);
    const { durationUnits, flags } = readSamples(trun, of);
    return { decodeTime, durationUnits, isKeyframe: (flags & isNotSync) === 0 };
  }
  return undefined;
};

interface Defaults {
  readonly trackId: number;
  readonly durationUnits: number;
  readonly flags: number;
}

const flagsOf = ({ bytes, start }: Mp4Box): number => uint32(bytes, start) & 0xff_ffff;

const defaultsOf = (tfhd: Mp4Box, { defaults }: TrackHeader): Defaults => {
  const { bytes, start } = tfhd;
  const present = flagsOf(tfhd);
  let at = start + 8;
  const next = (bit: number, size = 4): number | undefined => {
    if ((present & bit) === 0) return undefined;
    at += size;
    return uint32(bytes, at - 4);
  };
  next(0x1, 8);
  next(0x2);
  const durationUnits = next(0x8) ?? defaults.durationUnits;
  next(0x10);
  return { trackId: uint32(bytes, start + 4), durationUnits, flags: next(0x20) ?? defaults.flags };
};

const readSamples = (trun: Mp4Box, of: Defaults): { durationUnits: number; flags: number } => {
  const { bytes, start } = trun;
  const present = flagsOf(trun);
  const count = uint32(bytes, start + 4);
  let at = start + 8 + (present & 0x1 ? 4 : 0);
  let flags = of.flags;
  if (present & 0x4) {
    flags = uint32(bytes, at);
    at += 4;
  }
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((bit) => present & bit).length * 4;
  if (at + count * perSample > bytes.length) throw new HubError('protocol_violation', 'a run of pictures is cut off');
  if (present & 0x400 && !(present & 0x4) && count > 0)
    flags = uint32(bytes, at + (present & 0x100 ? 4 : 0) + (present & 0x200 ? 4 : 0));
  if (!(present & 0x100)) return { durationUnits: of.durationUnits * count, flags };
  let durationUnits = 0;
  for (let i = 0; i < count; i++) durationUnits += uint32(bytes, at + i * perSample);
  return { durationUnits, flags };
};

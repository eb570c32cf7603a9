import type { VideoEntry } from './codec-string.js';
import { uint16, uint32 } from './mp4-box.js';

const avcSequenceSet = 7;
const hevcSequenceSet = 33;
/** Parameter sets stand in front of a picture's slices; what comes later is not looked at. */
const maxUnits = 16;

const asText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** The sequence parameter sets of a sample entry: size and profile of the picture. Empty for other codecs. */
export const parameterSetsOf = ({ boxes }: VideoEntry): string[] => {
  const avc = boxes.get('avcC');
  if (avc) return avcSets(avc);
  const hevc = boxes.get('hvcC');
  return hevc ? hevcSets(hevc) : [];
};

/** ISO/IEC 14496-15, 5.3.3.1. */
const avcSets = (record: Uint8Array): string[] => {
  const sets: string[] = [];
  let at = 6;
  for (let left = (record[5] ?? 0) & 0x1f; left > 0 && at + 2 <= record.length; left--) {
    const length = uint16(record, at);
    sets.push(asText(record.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return sets;
};

/** ISO/IEC 14496-15, 8.3.3.1. */
const hevcSets = (record: Uint8Array): string[] => {
  const sets: string[] = [];
  let at = 23;
  for (let arrays = record[22] ?? 0; arrays > 0 && at + 3 <= record.length; arrays--) {
    const type = (record[at] as number) & 0x3f;
    const count = uint16(record, at + 1);
    at += 3;
    for (let i = 0; i < count && at + 2 <= record.length; i++) {
      const length = uint16(record, at);
      if (type === hevcSequenceSet) sets.push(asText(record.subarray(at + 2, at + 2 + length)));
      at += 2 + length;
    }
  }
  return sets;
};

/** Those that a picture itself brings, where the units' length takes four bytes, as ffmpeg writes it. */
export const parameterSetsIn = ({ boxes }: VideoEntry, sample: Uint8Array): string[] => {
  const isHevc = boxes.has('hvcC');
  const sets: string[] = [];
  let at = 0;
  for (let unit = 0; unit < maxUnits && at + 5 <= sample.length; unit++) {
    const length = uint32(sample, at);
    const first = sample[at + 4] as number;
    const type = isHevc ? (first >> 1) & 0x3f : first & 0x1f;
    if (length === 0 || at + 4 + length > sample.length) break;
    if (type === (isHevc ? hevcSequenceSet : avcSequenceSet))
      sets.push(asText(sample.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return sets;
};

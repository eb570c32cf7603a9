import { uint32 } from './mp4-box.js';

/** A sample entry: its four letters, and the payloads of the boxes in it. */
export interface VideoEntry {
  readonly format: string;
  readonly boxes: ReadonlyMap<string, Uint8Array>;
}

const hex = (value: number): string => value.toString(16).padStart(2, '0');
const HEX = (value: number): string => value.toString(16).toUpperCase();

/** RFC 6381; for H.265 ISO/IEC 14496-15, annex E.3. Just the four letters where nothing more is known of a codec. */
export const codecOf = ({ format, boxes }: VideoEntry): string => {
  const avc = boxes.get('avcC');
  if (avc && avc.length >= 4)
    return `${format}.${hex(avc[1] as number)}${hex(avc[2] as number)}${hex(avc[3] as number)}`;
  const hevc = boxes.get('hvcC');
  if (hevc && hevc.length >= 13) return hevcCodec(format, hevc);
  const av1 = boxes.get('av1C');
  if (av1 && av1.length >= 3) return av1Codec(av1);
  const esds = boxes.get('esds');
  const objectType = esds && objectTypeOf(esds);
  return objectType === undefined ? format : `${format}.${hex(objectType)}`;
};

const hevcCodec = (format: string, record: Uint8Array): string => {
  const first = record[1] as number;
  const space = ['', 'A', 'B', 'C'][first >> 6] as string;
  const tier = first & 0x20 ? 'H' : 'L';
  let compatibility = 0;
  const flags = uint32(record, 2);
  for (let bit = 0; bit < 32; bit++) compatibility += Math.floor(flags / 2 ** bit) % 2 === 1 ? 2 ** (31 - bit) : 0;
  const constraints = [...record.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  return [format, `${space}${first & 0x1f}`, HEX(compatibility), `${tier}${record[12]}`, ...constraints.map(HEX)].join(
    '.',
  );
};

const av1Codec = (record: Uint8Array): string => {
  const [, second, third] = record as unknown as [number, number, number];
  const tier = third & 0x80 ? 'H' : 'M';
  const isHighDepth = (third & 0x40) !== 0;
  const depth = isHighDepth ? (second >> 5 === 2 && third & 0x20 ? '12' : '10') : '08';
  return `av01.${second >> 5}.${String(second & 0x1f).padStart(2, '0')}${tier}.${depth}`;
};

/** ISO/IEC 14496-1, 7.2.6.6: an ES_Descriptor (3) with a DecoderConfigDescriptor (4) in it. */
const objectTypeOf = (esds: Uint8Array): number | undefined => {
  let at = 4;
  const enter = (tag: number): boolean => {
    if (esds[at] !== tag) return false;
    at += 1;
    while (((esds[at] ?? 0) & 0x80) !== 0) at += 1;
    at += 1;
    return true;
  };
  if (!enter(3)) return undefined;
  const flags = esds[at + 2] ?? 0;
  at += 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? 1 + (esds[at + 3] ?? 0) : 0) + (flags & 0x20 ? 2 : 0);
  return enter(4) ? esds[at] : undefined;
};

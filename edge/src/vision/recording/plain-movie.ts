import { HubError } from '@hallhub/shared';
import { boxesIn, type Mp4Box, uint32 } from '../pipeline/mp4-box.js';

/** Pictures in the order of decoding. */
export interface MovieSamples {
  readonly sizes: readonly number[];
  readonly durations: readonly number[];
  readonly offsets: readonly number[];
  /** Numbers of key pictures, from 1. */
  readonly keys: readonly number[];
  /** How many pictures lie together, and where behind the beginning of the data. */
  readonly chunks: readonly { readonly samples: number; readonly at: number }[];
}

export interface MovieOptions {
  /** `ftyp` and `moov` of the stream. */
  readonly init: Uint8Array;
  readonly samples: MovieSamples;
  /** Of all data. */
  readonly dataBytes: number;
  /** When the first picture was taken, epoch ms. */
  readonly takenAtMs: number;
}

/** Seconds from 1904 to 1970. */
const epoch1904 = 2_082_844_800;
const dataHeaderBytes = 16;

/**
 * All of a plain MP4 but its data (ISO/IEC 14496-12), which follow it: the index comes first, so that it plays while it comes. The track is the
 * stream's own, with a table of its pictures in place of fragments.
 */
export const movieHead = ({ init, samples, dataBytes, takenAtMs }: MovieOptions): Buffer => {
  const moov = [...boxesIn(init, 0)].find(({ type }) => type === 'moov');
  if (!moov) throw new HubError('protocol_violation', 'a recording without a beginning');
  const ftyp = box('ftyp', Buffer.from('isom\0\0\x02\0isomiso2avc1mp41', 'latin1'));
  // Chunk offsets have a fixed width: the size does not depend on them.
  const { length } = movieBox(moov, { samples, takenAtMs, dataAt: 0 });
  const movie = movieBox(moov, { samples, takenAtMs, dataAt: ftyp.length + length + dataHeaderBytes });
  const data = Buffer.alloc(dataHeaderBytes);
  data.writeUInt32BE(1, 0);
  data.write('mdat', 4, 'latin1');
  data.writeBigUInt64BE(BigInt(dataBytes + dataHeaderBytes), 8);
  return Buffer.concat([ftyp, movie, data]);
};

interface Making {
  readonly samples: MovieSamples;
  readonly takenAtMs: number;
  readonly dataAt: number;
}

const movieBox = (moov: Mp4Box, making: Making): Buffer => {
  const children = [...boxesIn(moov.bytes, moov.start)];
  const mvhd = children.find(({ type }) => type === 'mvhd');
  const trak = children.find((one) => one.type === 'trak' && isVideo(one));
  const mdhd = trak && inside(trak, 'mdia', 'mdhd');
  if (!mvhd || !trak || !mdhd) throw new HubError('protocol_violation', 'a recording without a video track');
  const units = making.samples.durations.reduce((sum, one) => sum + one, 0);
  const movieUnits = Math.round((units * timescaleOf(mvhd)) / timescaleOf(mdhd));
  const tables = sampleTables(making);
  return box(
    'moov',
    timed(mvhd, movieUnits, making.takenAtMs),
    rebuilt(trak, {
      tkhd: (one) => timed(one, movieUnits, making.takenAtMs),
      edts: () => undefined,
      mdia: (mdia) =>
        rebuilt(mdia, {
          mdhd: (one) => timed(one, units, making.takenAtMs),
          minf: (minf) =>
            rebuilt(minf, {
              stbl: (stbl) => {
                const stsd = [...boxesIn(stbl.bytes, stbl.start)].find(({ type }) => type === 'stsd');
                if (!stsd) throw new HubError('protocol_violation', 'a recording without a description');
                return box('stbl', Buffer.from(stsd.bytes), ...tables);
              },
            }),
        }),
    }),
  );
};

const isVideo = (trak: Mp4Box): boolean => {
  const hdlr = inside(trak, 'mdia', 'hdlr');
  return hdlr !== undefined && Buffer.from(hdlr.bytes).toString('latin1', hdlr.start + 8, hdlr.start + 12) === 'vide';
};

const inside = (parent: Mp4Box, ...path: readonly string[]): Mp4Box | undefined =>
  path.reduce<Mp4Box | undefined>(
    (at, type) => at && [...boxesIn(at.bytes, at.start)].find((one) => one.type === type),
    parent,
  );

const rebuilt = (parent: Mp4Box, change: Record<string, (child: Mp4Box) => Buffer | undefined>): Buffer =>
  box(
    parent.type,
    ...[...boxesIn(parent.bytes, parent.start)].flatMap((child) => {
      const make = change[child.type];
      return make ? (make(child) ?? []) : Buffer.from(child.bytes);
    }),
  );

const timescaleOf = ({ bytes, start }: Mp4Box): number => uint32(bytes, start + (bytes[start] === 1 ? 20 : 12));

/** `mvhd`, `tkhd` and `mdhd` with their times; `tkhd` has the track's number where the others have the timescale. */
const timed = ({ type, bytes, start }: Mp4Box, units: number, takenAtMs: number): Buffer => {
  const made = Buffer.from(bytes);
  const isLong = made[start] === 1;
  const taken = Math.round(takenAtMs / 1_000) + epoch1904;
  const durationAt = start + (isLong ? 24 : 16) + (type === 'tkhd' ? 4 : 0);
  for (const at of isLong ? [start + 4, start + 12] : [start + 4, start + 8]) {
    if (isLong) made.writeBigUInt64BE(BigInt(taken), at);
    else made.writeUInt32BE(Math.min(taken, 0xffff_ffff), at);
  }
  if (isLong) made.writeBigUInt64BE(BigInt(units), durationAt);
  else made.writeUInt32BE(Math.min(units, 0xffff_ffff), durationAt);
  return made;
};

const sampleTables = ({ samples: { sizes, durations, offsets, keys, chunks }, dataAt }: Making): Buffer[] => {
  const times = runs(durations);
  const shifts = offsets.some((one) => one !== 0) ? runs(offsets) : undefined;
  const perChunk = runs(chunks.map(({ samples }) => samples));
  let chunk = 1;
  return [
    box('stts', full(0), words([times.length, ...times.flatMap(({ count, value }) => [count, value])])),
    ...(shifts
      ? [box('ctts', full(1), words([shifts.length, ...shifts.flatMap(({ count, value }) => [count, value])]))]
      : []),
    box('stss', full(0), words([keys.length, ...keys])),
    box(
      'stsc',
      full(0),
      words([
        perChunk.length,
        ...perChunk.flatMap(({ count, value }) => {
          const first = chunk;
          chunk += count;
          return [first, value, 1];
        }),
      ]),
    ),
    box('stsz', full(0), words([0, sizes.length, ...sizes])),
    box('co64', full(0), words([chunks.length]), longs(chunks.map(({ at }) => at + dataAt))),
  ];
};

const runs = (values: readonly number[]): { count: number; value: number }[] => {
  const all: { count: number; value: number }[] = [];
  for (const value of values) {
    const last = all.at(-1);
    if (last?.value === value) last.count += 1;
    else all.push({ count: 1, value });
  }
  return all;
};

const full = (version: number): Buffer => Buffer.from([version, 0, 0, 0]);

const words = (values: readonly number[]): Buffer => {
  const made = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => {
    made.writeInt32BE(value | 0, i * 4);
  });
  return made;
};

const longs = (values: readonly number[]): Buffer => {
  const made = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => {
    made.writeBigUInt64BE(BigInt(value), i * 8);
  });
  return made;
};

const box = (type: string, ...parts: readonly Uint8Array[]): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(
    parts.reduce((sum, { length }) => sum + length, 8),
    0,
  );
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
};

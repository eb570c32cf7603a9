import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import { maxDownloadBytes, type PlanAnswer } from '@hallhub/shared/vision';
import { boxesIn } from '../pipeline/mp4-box.js';
import { findInRing } from './find-in-ring.js';
import { type SampleRun, samplesOf } from './fragment-samples.js';
import { OpenRingFile } from './open-ring-file.js';
import { movieHead } from './plain-movie.js';
import { joinMs } from './recorded-spans.js';
import { type RingEntry, readAt } from './ring-file.js';
import { listRingFiles, type RingFile } from './ring-folder.js';

export interface PlanRequest {
  readonly folder: string;
  readonly from: number;
  readonly to: number;
  readonly signal?: AbortSignal | undefined;
}

/** Data of one fragment: of which file, where in it, and where in the movie. */
interface Piece {
  readonly handle: FileHandle;
  readonly offset: number;
  readonly bytes: number;
  readonly at: number;
}

/** More than a fragment's header ever has, with one picture in it. */
const headerGuessBytes = 512;
/** Half an hour of a camera at 60 a second. */
const maxPictures = 120_000;

/**
 * A stretch of a ring as one plain MP4 that never exists as a whole: its index is made from the fragments' headers, and its data are read from
 * the ring as they are asked for. Nothing is encoded anew. Holds the ring's files open, so that it stays whole where the ring goes on over it.
 */
export class DownloadPlan implements AsyncDisposable {
  readonly answer: PlanAnswer;
  readonly #head: Buffer;
  readonly #pieces: readonly Piece[];
  readonly #files: readonly OpenRingFile[];

  private constructor(made: Collected, files: readonly OpenRingFile[]) {
    const { header } = made.first;
    this.#files = files;
    this.#pieces = made.pieces;
    this.#head = movieHead({
      ...{ init: header.bytes, samples: made.samples, dataBytes: made.dataBytes, takenAtMs: made.fromMs },
    });
    this.answer = {
      ...{ v: 1, plan: randomUUID(), from: Math.round(made.fromMs), to: Math.round(made.toMs) },
      ...{ bytes: this.#head.length + made.dataBytes, pictures: made.samples.sizes.length, holes: made.holes },
      ...{ width: header.width, height: header.height, codec: header.codec },
      ...(made.changesAt === undefined ? {} : { changesAt: Math.round(made.changesAt) }),
    };
  }

  /** Undefined: nothing of that time is here. Throws `too_large`. */
  static async make(request: PlanRequest): Promise<DownloadPlan | undefined> {
    const files: OpenRingFile[] = [];
    try {
      const made = await collect(request, files);
      if (made) return new DownloadPlan(made, files);
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
    await Promise.all(files.map((file) => file.close()));
    return undefined;
  }

  /** Bytes of the movie; fewer at its end. Reads no more than what is asked for. */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.answer.bytes);
    const parts: Buffer[] = offset < this.#head.length ? [this.#head.subarray(offset, end)] : [];
    const [from, to] = [offset - this.#head.length, end - this.#head.length];
    for (let i = this.#pieceAt(Math.max(0, from)); i < this.#pieces.length; i++) {
      const piece = this.#pieces[i] as Piece;
      if (piece.at >= to) break;
      const skip = Math.max(0, from - piece.at);
      parts.push(await readAt(piece.handle, piece.offset + skip, Math.min(piece.bytes, to - piece.at) - skip));
    }
    return Buffer.concat(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  /** The last that begins at that byte of the data or before. */
  #pieceAt(at: number): number {
    let [low, high] = [0, this.#pieces.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#pieces[middle] as Piece).at <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

interface Collected {
  readonly first: OpenRingFile;
  readonly pieces: Piece[];
  readonly samples: {
    sizes: number[];
    durations: number[];
    offsets: number[];
    keys: number[];
    chunks: { samples: number; at: number }[];
  };
  readonly fromMs: number;
  toMs: number;
  dataBytes: number;
  holes: number;
  changesAt: number | undefined;
}

const collect = async (request: PlanRequest, opened: OpenRingFile[]): Promise<Collected | undefined> => {
  const { folder, from, to, signal } = request;
  const files = await listRingFiles(folder);
  const place = await findInRing(files, from);
  if (!place) return undefined;
  let made: Collected | undefined;
  let before: { readonly entry: RingEntry; readonly run: SampleRun; readonly file: OpenRingFile } | undefined;
  for (const { file: name, seq } of files.filter((one) => one.seq >= place.file.seq)) {
    const file = await openAnew({ folder, seq, file: name });
    if (!file) continue;
    opened.push(file);
    let at = seq === place.file.seq ? place.at : file.start;
    for (let entry = await file.entryAt(at); entry; at = OpenRingFile.after(entry), entry = await file.entryAt(at)) {
      signal?.throwIfAborted();
      if (entry.atMs > to || (before && entry.atMs < before.entry.atMs - joinMs)) return made;
      if (made && file.stream !== made.first.stream) {
        made.changesAt = entry.atMs;
        return made;
      }
      made ??= begun(file, entry);
      const run = await runOf(file, entry);
      take(made, { entry, run, file }, before);
      before = { entry, run, file };
    }
  }
  return made;
};

/** A file that was closed meanwhile has another name. */
const openAnew = async ({ folder, seq, file }: { folder: string; seq: number; file: string }) =>
  (await OpenRingFile.open(file)) ??
  (await listRingFiles(folder)).filter((one: RingFile) => one.seq === seq).map((one) => OpenRingFile.open(one.file))[0];

const begun = (first: OpenRingFile, { atMs }: RingEntry): Collected => ({
  ...{ first, fromMs: atMs, toMs: atMs, dataBytes: 0, holes: 0, changesAt: undefined, pieces: [] },
  samples: { sizes: [], durations: [], offsets: [], keys: [], chunks: [] },
});

const runOf = async (file: OpenRingFile, entry: RingEntry): Promise<SampleRun> => {
  const head = await readAt(file.handle, entry.offset, Math.min(headerGuessBytes, entry.bytes));
  const size = head.length >= 4 ? head.readUInt32BE(0) : 0;
  const whole = size > head.length ? await readAt(file.handle, entry.offset, Math.min(size, entry.bytes)) : head;
  const moof = [...boxesIn(whole, 0)].find(({ type }) => type === 'moof');
  if (!moof) throw new HubError('protocol_violation', 'a recorded picture without its header');
  const run = samplesOf(moof, file.header.defaults);
  const bytes = run.samples.reduce((sum, one) => sum + one.bytes, 0);
  if (run.samples.length === 0 || bytes === 0 || run.dataOffset + bytes > entry.bytes)
    throw new HubError('protocol_violation', 'a recorded picture that is not whole');
  return run;
};

interface Step {
  readonly entry: RingEntry;
  readonly run: SampleRun;
  readonly file: OpenRingFile;
}

const take = (made: Collected, { entry, run, file }: Step, before: Step | undefined): void => {
  const { samples, pieces } = made;
  const { timescale } = made.first.header;
  if (before) {
    // Until now the last picture had the length that its own header says: what comes next tells how long it was shown.
    const own = before.run.samples.reduce((sum, one) => sum + one.durationUnits, 0);
    const byMedia = before.file === file ? run.decodeTime - before.run.decodeTime : Number.NaN;
    const byClock = Math.round(((entry.atMs - before.entry.atMs) * timescale) / 1_000);
    const goesOn = Math.abs(byMedia - own) <= timescale * (joinMs / 1_000) && byMedia > 0;
    const lasted = goesOn ? byMedia : Math.abs(byClock - own) <= timescale / 5 ? own : Math.max(own, byClock);
    if (entry.atMs - before.entry.atMs - before.entry.durationMs > joinMs) made.holes += 1;
    samples.durations[samples.durations.length - 1] = Math.max(1, (samples.durations.at(-1) ?? 0) + lasted - own);
  }
  samples.chunks.push({ samples: run.samples.length, at: made.dataBytes });
  let bytes = 0;
  for (const one of run.samples) {
    bytes += one.bytes;
    samples.sizes.push(one.bytes);
    samples.durations.push(one.durationUnits);
    samples.offsets.push(one.offsetUnits);
    if (one.isKey) samples.keys.push(samples.sizes.length);
  }
  pieces.push({ handle: file.handle, offset: entry.offset + run.dataOffset, bytes, at: made.dataBytes });
  made.dataBytes += bytes;
  made.toMs = entry.atMs + entry.durationMs;
  const isTooLarge = made.dataBytes + samples.sizes.length * 24 + 65_536 > maxDownloadBytes;
  if (isTooLarge || samples.sizes.length > maxPictures)
    throw new HubError('too_large', 'this is more than one file may have; take less time at once');
};

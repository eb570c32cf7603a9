import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { toHubError } from '@hallhub/shared';
import { makeFolder } from '../../store/make-folder.js';
import type { Fragment, FragmentListener, InitSegment } from '../pipeline/fragment.js';
import { writeMark } from './fragment-mark.js';
import { mendRingFile } from './mend-ring-file.js';
import { closedName, openName, seqName } from './ring-folder.js';

/** One file of the ring, begun with a keyframe. */
export interface RingSegment {
  readonly seq: number;
  readonly file: string;
  /** Epoch ms by the unit's clock. */
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
}

export interface RecordingRingOptions {
  /** Of this camera alone. */
  readonly folder: string;
  readonly segmentMs?: number;
  /** Waiting for the disk; beyond it what comes is left out up to the next keyframe. */
  readonly maxQueueBytes?: number;
  /** The disk did not take it. Told once until something is written again. */
  readonly onFailure?: (error: Error) => void;
}

export interface RecordingFigures {
  readonly segments: number;
  readonly bytes: number;
  readonly oldestMs: number | undefined;
  readonly newestMs: number | undefined;
  /** Left out since the start because the disk was too slow or full. */
  readonly droppedFragments: number;
  readonly problem: string | undefined;
}

interface OpenSegment {
  seq: number;
  file: string;
  startMs: number;
  endMs: number;
  bytes: number;
  /** Its time does not go on: the next keyframe begins another file, so that each file is one stretch of time. */
  isTorn: boolean;
}

type QueueItem = { readonly init: InitSegment } | { readonly fragment: Fragment } | 'end';

/** Time that goes on within this is one stretch; beyond it the clock jumped or pictures are missing. */
const stretchMs = 2_000;

/**
 * One camera's stream on disk, as it came: files of about a minute that each begin with a keyframe and play by themselves. Whoever gives fragments is
 * never held up; a kill leaves a torn last file, which is cut at its last whole fragment at the next start.
 */
export class RecordingRing implements FragmentListener {
  readonly #options: RecordingRingOptions;
  readonly #segmentMs: number;
  readonly #maxQueueBytes: number;
  #segments: RingSegment[] = [];
  #nextSeq = 1;
  #init: InitSegment | undefined;
  #queue: QueueItem[] = [];
  #queuedBytes = 0;
  #waitsForKeyframe = true;
  #dropped = 0;
  #problem: string | undefined;
  #open: OpenSegment | undefined;
  /** Of what is being written; `#init` is of what comes. */
  #header: InitSegment | undefined;
  #pieces: Uint8Array[] = [];
  #handle: FileHandle | undefined;
  #writing: Promise<void> | undefined;
  /** What is being written now, in one go. */
  #batch: Promise<void> = Promise.resolve();

  constructor(options: RecordingRingOptions) {
    this.#options = options;
    this.#segmentMs = options.segmentMs ?? 60_000;
    this.#maxQueueBytes = options.maxQueueBytes ?? 16 * 1_048_576;
  }

  /** Oldest first; the one that is being written comes last. */
  get segments(): readonly RingSegment[] {
    if (!this.#open) return this.#segments;
    const { isTorn, ...open } = this.#open;
    return [...this.#segments, open];
  }

  /** The next to go; never the one that is being written. */
  get oldest(): RingSegment | undefined {
    return this.#segments[0];
  }

  /**
   * When the next to go ended, epoch ms. What was written while the clock was ahead is no younger than what followed: a clock that was a year
   * ahead for a while must not keep its recordings for a year.
   */
  oldestEndedMs(nowMs: number): number | undefined {
    const { oldest } = this;
    if (!oldest || oldest.endMs <= nowMs) return oldest?.endMs;
    return this.segments.find(({ startMs }) => startMs <= nowMs)?.startMs ?? nowMs;
  }

  get figures(): RecordingFigures {
    const { segments } = this;
    return {
      segments: segments.length,
      bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestMs: segments.reduce<number | undefined>(
        (least, { startMs }) => Math.min(least ?? startMs, startMs),
        undefined,
      ),
      newestMs: segments.at(-1)?.endMs,
      droppedFragments: this.#dropped,
      problem: this.#problem,
    };
  }

  /** Takes up what lies on the disk. */
  async start(): Promise<void> {
    const { folder } = this.#options;
    makeFolder(folder);
    const found: RingSegment[] = [];
    let highest = 0;
    for (const name of await readdir(folder)) {
      const known = closedName.exec(name) ?? openName.exec(name);
      if (!known) continue;
      highest = Math.max(highest, Number(known[1]));
      try {
        const segment = await this.#takeUp(name);
        if (segment) found.push(segment);
      } catch (error) {
        // One file that cannot be read is left where it lies; the others are of use.
        this.#options.onFailure?.(error as Error);
      }
    }
    this.#segments = found.sort((a, b) => a.seq - b.seq);
    this.#nextSeq = highest + 1;
  }

  async #takeUp(name: string): Promise<RingSegment | undefined> {
    const file = path.join(this.#options.folder, name);
    const closed = closedName.exec(name);
    if (!closed) return mendRingFile(file, Number(openName.exec(name)?.[1]));
    const [seq, startMs, endMs] = [Number(closed[1]), Number(closed[2]), Number(closed[3])];
    return { seq, file, startMs, endMs, bytes: (await stat(file)).size };
  }

  onInit(init: InitSegment): void {
    this.#init = init;
    this.#waitsForKeyframe = true;
    this.#push({ init });
  }

  onFragment(fragment: Fragment): void {
    if (!this.#init) return;
    if (this.#queuedBytes + fragment.bytes.length > this.#maxQueueBytes) this.#waitsForKeyframe = true;
    else if (fragment.isKeyframe) this.#waitsForKeyframe = false;
    if (this.#waitsForKeyframe) {
      this.#dropped += 1;
      return;
    }
    this.#queuedBytes += fragment.bytes.length;
    this.#push({ fragment });
  }

  onEnd(): void {
    this.#init = undefined;
    this.#push('end');
  }

  /** Resolves when all that came so far is written, on a slow disk as well, on which there is always more to write. */
  async flush(): Promise<void> {
    await this.#batch;
    // What waited behind it, all in one go.
    await this.#batch;
  }

  async stop(): Promise<void> {
    this.onEnd();
    await this.flush();
  }

  /** Lets the oldest file go that is not being written. Gives its bytes; undefined: there is none. Throws what the disk says: it is still there then. */
  async dropOldest(): Promise<number | undefined> {
    const { oldest } = this;
    if (!oldest) return undefined;
    await rm(oldest.file, { force: true });
    this.#segments = this.#segments.filter((one) => one !== oldest);
    return oldest.bytes;
  }

  #push(item: QueueItem): void {
    this.#queue.push(item);
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0);
      this.#queuedBytes = 0;
      this.#batch = this.#writeAll(batch);
      await this.#batch;
    }
  }

  async #writeAll(batch: readonly QueueItem[]): Promise<void> {
    try {
      for (const item of batch) {
        if (item === 'end' || 'init' in item) {
          await this.#close();
          if (item !== 'end') this.#header = item.init;
        } else await this.#append(item.fragment);
      }
      await this.#drain();
      if (this.#problem && this.#open) this.#problem = undefined;
    } catch (error) {
      // What the rest of these would have begun: the next file is of that picture.
      for (const item of batch) if (item !== 'end' && 'init' in item) this.#header = item.init;
      await this.#fail(error);
    }
  }

  async #append(fragment: Fragment): Promise<void> {
    const open = this.#open;
    if (open && Math.abs(fragment.atMs - open.endMs) > stretchMs) open.isTorn = true;
    const isFull = open && (open.isTorn || fragment.atMs - open.startMs >= this.#segmentMs);
    if (fragment.isKeyframe && (!open || isFull)) await this.#begin(fragment.atMs);
    if (!this.#open) {
      this.#dropped += 1;
      return;
    }
    this.#pieces.push(writeMark(fragment), fragment.bytes);
    if (!this.#open.isTorn)
      this.#open.endMs = Math.max(this.#open.endMs, Math.round(fragment.atMs + fragment.durationMs));
  }

  async #begin(atMs: number): Promise<void> {
    await this.#close();
    const header = this.#header;
    if (!header) return;
    const startMs = Math.max(0, Math.round(atMs));
    const seq = this.#nextSeq++;
    const file = path.join(this.#options.folder, `${seqName(seq)}-${startMs}.part`);
    this.#handle = await open(file, 'w', 0o600);
    this.#open = { seq, file, startMs, endMs: startMs, bytes: 0, isTorn: false };
    this.#pieces.push(header.bytes);
  }

  /** One write for all that waits. */
  async #drain(): Promise<void> {
    if (!this.#handle || !this.#open || this.#pieces.length === 0) return;
    const bytes = Buffer.concat(this.#pieces.splice(0));
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written);
      written += bytesWritten;
    }
    this.#open.bytes += bytes.length;
  }

  async #close(): Promise<void> {
    const done = this.#open;
    if (!done || !this.#handle) return;
    await this.#drain();
    await this.#handle.datasync();
    await this.#handle.close();
    this.#handle = undefined;
    const file = path.join(this.#options.folder, `${seqName(done.seq)}-${done.startMs}-${done.endMs}.mp4`);
    await rename(done.file, file);
    const { seq, startMs, endMs, bytes } = done;
    // In one step: whoever reads the ring finds it under one name or the other.
    this.#open = undefined;
    this.#segments.push({ seq, file, startMs, endMs, bytes });
  }

  /** What was whole stays; what waited is lost up to the next keyframe. */
  async #fail(error: unknown): Promise<void> {
    this.#pieces = [];
    const open = this.#open;
    this.#open = undefined;
    this.#waitsForKeyframe = true;
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    const isNew = this.#problem === undefined;
    this.#problem = toHubError(error).message;
    if (open) {
      const mended = await mendRingFile(open.file, open.seq).catch(() => undefined);
      if (mended) this.#segments.push(mended);
    }
    if (isNew) this.#options.onFailure?.(error as Error);
  }
}

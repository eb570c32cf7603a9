import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock, Timer } from '@hallhub/shared';
import { uuidPattern } from '@hallhub/shared';
import { makeFolder } from '../../store/make-folder.js';
import { type RecordingFigures, RecordingRing } from './recording-ring.js';

export interface RecordingStoreOptions {
  /** A folder a camera below it. */
  readonly folder: string;
  /** Of all cameras together; at it the oldest file of any goes. */
  readonly maxBytes: number;
  /** With less free on the disk the oldest go: recordings are the first to make room. */
  readonly minFreeBytes: number;
  /** Undefined: it cannot be read. */
  readonly freeBytes: () => Promise<number | undefined>;
  readonly clock: Clock;
  readonly segmentMs?: number;
  readonly onFailure?: (cameraId: string, error: Error) => void;
}

interface Kept {
  readonly ring: RecordingRing;
  hours: number;
}

/** What is left of a camera that nobody records any more goes after this. */
const orphanHours = 24;
const lookEveryMs = 10_000;
/** A clock that jumped to another year for a moment must not cost the recordings. */
const mostAtOnce = 4;
const hourMs = 3_600_000;

/** The rings of all cameras on one disk: each by its hours, all together by bytes and by what the disk has free, oldest first. */
export class RecordingStore {
  readonly #options: RecordingStoreOptions;
  readonly #kept = new Map<string, Kept>();
  /** Once each, however many ask while a folder is looked through. */
  readonly #opening = new Map<string, Promise<Kept>>();
  #timer: Timer | undefined;
  #tidying: Promise<void> | undefined;
  #stopped = false;
  /** Cameras with a file that cannot be removed: told once. */
  readonly #stuck = new Set<string>();

  constructor(options: RecordingStoreOptions) {
    this.#options = options;
  }

  /** Takes up what lies on the disk, also of cameras that nobody records any more. */
  async start(): Promise<void> {
    makeFolder(this.#options.folder);
    for (const cameraId of readdirSync(this.#options.folder)) {
      if (!uuidPattern.test(cameraId)) continue;
      // One camera's folder that cannot be used is told, and costs no other its recordings.
      await this.record(cameraId, orphanHours).catch((error) => this.#options.onFailure?.(cameraId, error as Error));
    }
    await this.tidy();
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#tidying;
    await Promise.all([...this.#kept.values()].map(({ ring }) => ring.stop()));
  }

  /** The ring of a camera, to be given its fragments. */
  async record(cameraId: string, hours: number): Promise<RecordingRing> {
    const opening = this.#opening.get(cameraId) ?? this.#open(cameraId, hours);
    this.#opening.set(cameraId, opening);
    try {
      const kept = await opening;
      kept.hours = hours;
      return kept.ring;
    } catch (error) {
      this.#opening.delete(cameraId);
      throw error;
    }
  }

  /** Undefined: nothing was ever recorded of it here. */
  ring(cameraId: string): RecordingRing | undefined {
    return this.#kept.get(cameraId)?.ring;
  }

  figures(cameraId: string): RecordingFigures | undefined {
    return this.ring(cameraId)?.figures;
  }

  get bytes(): number {
    return [...this.#kept.values()].reduce((sum, { ring }) => sum + ring.figures.bytes, 0);
  }

  /** Lets go what is over; one at a time. */
  tidy(): Promise<void> {
    this.#tidying ??= this.#tidy().finally(() => {
      this.#tidying = undefined;
    });
    return this.#tidying;
  }

  async #open(cameraId: string, hours: number): Promise<Kept> {
    const { folder, segmentMs, onFailure } = this.#options;
    const ring = new RecordingRing({
      folder: path.join(folder, cameraId),
      ...(segmentMs === undefined ? {} : { segmentMs }),
      onFailure: (error) => {
        onFailure?.(cameraId, error);
        // A full disk: room is made at once, not in ten seconds.
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') void this.tidy();
      },
    });
    const kept = { ring, hours };
    await ring.start();
    this.#kept.set(cameraId, kept);
    return kept;
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      void this.tidy().finally(() => this.#plan());
    }, lookEveryMs);
  }

  async #tidy(): Promise<void> {
    const { clock, maxBytes, minFreeBytes, freeBytes } = this.#options;
    const left = new Map(this.#kept);
    for (const [cameraId, { ring, hours }] of this.#kept) {
      const nowMs = clock.now();
      const isOver = () => left.has(cameraId) && (ring.oldestEndedMs(nowMs) ?? nowMs) < nowMs - hours * hourMs;
      for (let i = 0; i < mostAtOnce && isOver(); i++) await this.#drop(cameraId, left);
    }
    while (this.bytes > maxBytes && (await this.#dropOldest(left)));
    let free = await freeBytes();
    while (free !== undefined && free < minFreeBytes) {
      if (!(await this.#dropOldest(left))) return;
      free = await freeBytes();
    }
  }

  /** Of those that are left; false: there is nothing to let go. */
  async #dropOldest(left: Map<string, Kept>): Promise<boolean> {
    const nowMs = this.#options.clock.now();
    const [oldest] = [...left]
      .map(([cameraId, { ring }]) => ({ cameraId, endedMs: ring.oldestEndedMs(nowMs) }))
      .filter(({ endedMs }) => endedMs !== undefined)
      .sort((a, b) => (a.endedMs ?? 0) - (b.endedMs ?? 0));
    if (oldest) await this.#drop(oldest.cameraId, left);
    return oldest !== undefined;
  }

  /** A file that the disk does not let go (it may be read only by now) is told, ends nothing, and is left out this time. */
  async #drop(cameraId: string, left: Map<string, Kept>): Promise<void> {
    try {
      await left.get(cameraId)?.ring.dropOldest();
      this.#stuck.delete(cameraId);
    } catch (error) {
      left.delete(cameraId);
      if (!this.#stuck.has(cameraId)) this.#options.onFailure?.(cameraId, error as Error);
      this.#stuck.add(cameraId);
    }
  }
}

import { liveJson } from '@hallhub/shared/vision';
import type { LiveOutlets } from '../live/live-outlets.js';
import { tracksRecord } from '../live/live-tracks.js';
import type { Track } from '../pipeline/track.js';
import { isSameSight, type LiveExtras, type Sight } from '../turning/sight-in-child.js';

/** Pictures are on their way for so long: what comes in this time after it stands was taken while it moved. */
const settledAfterMs = 700;
const tracksEveryMs = 180;

/** Where a camera looks, as its pictures show it. */
export class CameraSight {
  #now: Sight | undefined;
  /** Epoch ms: pictures from before belong to where it looked then. */
  #settledMs = Number.NEGATIVE_INFINITY;
  #scene = 0;

  /** Undefined: nothing turns it. */
  constructor(sight: Sight | undefined) {
    this.#now = sight;
  }

  get now(): Sight | undefined {
    return this.#now;
  }

  /** Another number whenever it looks elsewhere. */
  get scene(): number {
    return this.#scene;
  }

  isAnother(sight: Sight | undefined): boolean {
    return sight === undefined ? this.#now !== undefined : !isSameSight(this.#now, sight);
  }

  turn(sight: Sight | undefined, nowMs: number): void {
    this.#now = sight;
    this.#scene += 1;
    this.#settledMs = nowMs + settledAfterMs;
  }

  /** Whether a picture of that time was taken while it moved. */
  isTurning(atMs: number): boolean {
    return this.#now?.state === 'moving' || atMs < this.#settledMs;
  }
}

/** What those who look at a camera are told beside its pictures. */
export class LiveTelling {
  #saysTracks = false;
  #saidMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly live: LiveOutlets) {}

  set({ tracks, sight }: LiveExtras): void {
    this.#saysTracks = tracks;
    this.live.hold(sight ? liveJson('sight', sight) : undefined);
  }

  tracks(tracks: readonly Track[], atMs: number): void {
    if (!this.#saysTracks || Math.abs(atMs - this.#saidMs) < tracksEveryMs) return;
    this.#saidMs = atMs;
    this.live.sayAt(atMs, (mediaMs) => tracksRecord(tracks, atMs, mediaMs));
  }
}

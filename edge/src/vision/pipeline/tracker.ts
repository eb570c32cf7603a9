import type { Box } from '@hallhub/shared/vision';
import { assign } from './assign.js';
import { BoxFilter } from './box-filter.js';
import { clipped, grown, overlap } from './overlap.js';
import { isStill } from './stillness.js';
import type { FootPoint, Sighting, Track } from './track.js';

export type { FootPoint, Sighting, Track } from './track.js';

export interface TrackerOptions {
  /** What is seen with at least this confidence begins a track; what is seen with less only continues one. */
  readonly sureConfidence?: number;
  /** Below this nothing is looked at. */
  readonly leastConfidence?: number;
  /** How long one that is not seen is kept and guessed. */
  readonly keepLostMs?: number;
  readonly maxTracks?: number;
}

const maxHistory = 64;
/** How often one has to be seen in a row before it counts: a detector's flicker is no person. */
const seenToCount = 2;
/** Of predicted and seen box: sure sightings, then the rest of them with boxes grown, then unsure ones. */
const leastOverlap = { sure: 0.2, near: 0.1, unsure: 0.4 } as const;
const nearGrowth = 0.4;
/** How near to the border a box has to come to touch it. */
const touchShare = 0.01;
/** Of one's own heights a second towards the border: half of a slow walk, since the middle of what is cut goes half as fast. */
const outwardHeights = 0.12;
/** With a step longer than this nobody knows where somebody who walks is now. */
const longestStepS = 2;
const confidenceFollow = 0.25;

interface Follow {
  readonly id: number;
  readonly label: string;
  readonly filter: BoxFilter;
  readonly firstSeenMs: number;
  lastSeenMs: number;
  confidence: number;
  /** When it was last seen. */
  speed: readonly [number, number];
  seen: number;
  missed: number;
  isStationary: boolean;
  history: FootPoint[];
}

/**
 * Follows what a detector sees from picture to picture: ByteTrack (Zhang et al. 2022) with a Kalman filter in real time,
 * since pictures come when the machine has time for them. Sure sightings are paired first, then unsure ones continue what
 * is left, which is how people behind others are not lost. Pure: time comes in.
 */
export class Tracker {
  readonly #options: Required<TrackerOptions>;
  #follows: Follow[] = [];
  #nextId = 1;
  #lastMs: number | undefined;

  constructor(options: TrackerOptions = {}) {
    this.#options = { sureConfidence: 0.5, leastConfidence: 0.1, keepLostMs: 4_000, maxTracks: 200, ...options };
  }

  /** What is followed after these sightings. `atMs` that goes back (the clock was put right) counts as no time passed. */
  update(sightings: readonly Sighting[], atMs: number): readonly Track[] {
    const { sureConfidence, leastConfidence, maxTracks } = this.#options;
    this.#predict(atMs);
    const seen = sightings.filter(({ confidence, box }) => confidence >= leastConfidence && box[2] > 0 && box[3] > 0);
    if (seen.length > maxTracks) seen.sort((a, b) => b.confidence - a.confidence).length = maxTracks;
    const sure = seen.filter(({ confidence }) => confidence >= sureConfidence);
    const unsure = seen.filter(({ confidence }) => confidence < sureConfidence);

    const known = this.#follows.filter(counts);
    const fresh = this.#follows.filter((one) => !counts(one));
    const first = this.#pair(known, sure, leastOverlap.sure, 0, atMs);
    const second = this.#pair(first.follows, first.sightings, leastOverlap.near, nearGrowth, atMs);
    const third = this.#pair(fresh, second.sightings, leastOverlap.near, nearGrowth, atMs);
    const present = second.follows.filter(({ missed }) => missed === 0);
    this.#pair(present, unsure, leastOverlap.unsure, 0, atMs);

    for (const follow of this.#follows) if (follow.lastSeenMs !== atMs) follow.missed += 1;
    this.#follows = this.#follows.filter((one) => this.#isKept(one, atMs));
    for (const sighting of third.sightings) this.#begin(sighting, atMs);
    return this.tracks(atMs);
  }

  /** Nothing moved in the picture since: whoever was there still is, and nobody had to look. */
  hold(atMs: number): readonly Track[] {
    this.#lastMs = atMs;
    for (const follow of this.#follows) {
      if (follow.missed > 0) continue;
      follow.filter.rest();
      this.#touch(follow, atMs);
    }
    this.#follows = this.#follows.filter((one) => this.#isKept(one, atMs));
    return this.tracks(atMs);
  }

  /** The picture is gone, or another one: nobody is followed any more. Ids go on. */
  forget(): void {
    this.#follows = [];
    this.#lastMs = undefined;
  }

  tracks(atMs: number): readonly Track[] {
    return this.#follows
      .filter((one) => counts(one) && !hasGoneOut(one))
      .map((one) => ({
        id: one.id,
        label: one.label,
        confidence: one.confidence,
        box: clipped(one.filter.box),
        firstSeenMs: one.firstSeenMs,
        lastSeenMs: one.lastSeenMs,
        isStationary: one.isStationary,
        isLost: one.lastSeenMs !== atMs,
        history: [...one.history],
      }));
  }

  #predict(atMs: number): void {
    const sinceMs = atMs - (this.#lastMs ?? atMs);
    const stepS = Math.min(longestStepS, Math.max(0, sinceMs) / 1_000);
    this.#lastMs = atMs;
    if (sinceMs < 0) this.#beginTimeAnew(sinceMs);
    for (const one of this.#follows) one.filter.predict(stepS, one.missed > 0);
  }

  /** The clock was put back: what is known of time moves with it. */
  #beginTimeAnew(byMs: number): void {
    this.#follows = this.#follows.map((one) => ({
      ...one,
      firstSeenMs: one.firstSeenMs + byMs,
      lastSeenMs: one.lastSeenMs + byMs,
      history: one.history.map((point) => ({ ...point, atMs: point.atMs + byMs })),
    }));
  }

  #pair(follows: readonly Follow[], sightings: readonly Sighting[], least: number, growth: number, atMs: number) {
    if (follows.length === 0 || sightings.length === 0) return { follows, sightings };
    const boxes = sightings.map(({ box }) => grown(box, growth));
    const gains = follows.map(({ filter, label }) => {
      const box = grown(filter.box, growth);
      return boxes.map((other, i) => (sightings[i]?.label === label ? overlap(box, other) : 0));
    });
    const pairs = assign(gains, sightings.length, least);
    for (const [row, column] of pairs) this.#see(follows[row] as Follow, sightings[column] as Sighting, atMs);
    const [rows, columns] = [new Set(pairs.map(([row]) => row)), new Set(pairs.map(([, column]) => column))];
    return {
      follows: follows.filter((_, row) => !rows.has(row)),
      sightings: sightings.filter((_, column) => !columns.has(column)),
    };
  }

  #see(follow: Follow, { box, confidence }: Sighting, atMs: number): void {
    follow.filter.correct(box, confidence);
    follow.speed = follow.filter.speed;
    follow.confidence += (confidence - follow.confidence) * confidenceFollow;
    follow.seen += 1;
    follow.missed = 0;
    this.#touch(follow, atMs);
  }

  #touch(follow: Follow, atMs: number): void {
    follow.lastSeenMs = atMs;
    const box = clipped(follow.filter.box);
    follow.history.push({ atMs, ...footOf(box) });
    if (follow.history.length > maxHistory) follow.history.shift();
    follow.isStationary = isStill(follow.history, box[3], follow.isStationary);
  }

  #begin({ label, confidence, box }: Sighting, atMs: number): void {
    if (this.#follows.length >= this.#options.maxTracks) return;
    this.#follows.push({
      ...{ id: this.#nextId++, label, confidence, filter: new BoxFilter(box), speed: [0, 0] },
      ...{ firstSeenMs: atMs, lastSeenMs: atMs, seen: 1, missed: 0, isStationary: false },
      history: [{ atMs, ...footOf(clipped(box)) }],
    });
  }

  #isKept(one: Follow, atMs: number): boolean {
    if (one.missed === 0) return true;
    const [, , width, height] = clipped(one.filter.box);
    if (!counts(one) || width <= 0.002 || height <= 0.002) return false;
    const lostMs = atMs - one.lastSeenMs;
    // Where looks are seldom, time alone must not end what was looked for once.
    return lostMs >= 0 && (lostMs <= this.#options.keepLostMs || one.missed <= 1);
  }
}

const counts = ({ seen }: Follow): boolean => seen >= seenToCount;

/** Not seen, at the border, and last seen on the way over it: not there, though kept for a while in case it turns round. */
const hasGoneOut = ({ missed, filter: { box }, speed: [right, down] }: Follow): boolean => {
  if (missed === 0) return false;
  const [x, y, width, height] = box;
  const outward = outwardHeights * height;
  return (
    (x <= touchShare && right < -outward) ||
    (x + width >= 1 - touchShare && right > outward) ||
    (y <= touchShare && down < -outward) ||
    (y + height >= 1 - touchShare && down > outward)
  );
};

const footOf = ([x, y, width, height]: Box): { x: number; y: number } => ({ x: x + width / 2, y: y + height });

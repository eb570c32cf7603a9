import { type Box, type VisionRule, visionRuleSchema } from '@hallhub/shared/vision';
import type { Track } from '../../pipeline/track.js';
import type { EpisodeOutcome, Observation, RuleOutcome, SeenPose } from '../observation.js';
import { type EngineSnapshot, RuleEngine } from '../rule-engine.js';

export const ruleId = '01a20262-9489-7000-9064-d6158e8a23a8';
export const viewId = '01a20262-9489-7000-9064-d6158e8a23a9';
export const middle = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.7, 0.9],
  [0.3, 0.9],
];

export const rule = (given: Record<string, unknown>): VisionRule =>
  visionRuleSchema.parse({ id: ruleId, name: 'x', coolDownMs: 0, ...given });

/** Feet at a place. */
export const person = (x: number, y: number, more: Partial<Track> & { height?: number } = {}): Track => {
  const { height = 0.3, ...rest } = more;
  const width = height / 3;
  const box: Box = [x - width / 2, y - height, width, height];
  return {
    ...{ id: 1, label: 'person', confidence: 0.9, box, firstSeenMs: 0, lastSeenMs: Number.MAX_SAFE_INTEGER },
    ...{ isStationary: false, isLost: false, history: [], ...rest },
  };
};

/** A suitcase that lies there. */
export const bag = (x: number, y: number, more: Partial<Track> = {}): Track =>
  person(x, y, { id: 7, label: 'suitcase', height: 0.1, isStationary: true, ...more });

/** Somebody on the floor. */
export const lying: Track = { ...person(0.5, 0.7), box: [0.35, 0.6, 0.25, 0.12] };

/** A body that fills its box, leaning so far from upright, degrees; by the usual picture, 16 : 9. */
export const poseOf = (box: Box, degrees: number, { headDown = false } = {}): SeenPose => {
  const [x, y, width, height] = box;
  const reach = (0.3 * Math.max(width * (16 / 9), height)) / 2;
  const along = (share: number) => ({
    x: x + width / 2 + (Math.sin((degrees * Math.PI) / 180) * reach * share * 9) / 16,
    y: y + height / 2 - Math.cos((degrees * Math.PI) / 180) * reach * share,
  });
  const point = (name: string, share: number) => ({ name, ...along(share), confidence: 0.8 });
  const names = ['left_shoulder', 'right_shoulder'].map((name) => point(name, 1));
  const hips = ['left_hip', 'right_hip'].map((name) => point(name, -1));
  return { box, confidence: 0.8, keypoints: [point('nose', headDown ? 0.5 : 1.6), ...names, ...hips] };
};

/** A grey picture with a box of one colour. */
export const painted = ([x, y, width, height]: Box, rgb: readonly [number, number, number]) => {
  const size = { width: 320, height: 180 };
  const bytes = new Uint8Array(size.width * size.height * 3).fill(128);
  for (let row = Math.floor(y * size.height); row < (y + height) * size.height; row++)
    for (let column = Math.floor(x * size.width); column < (x + width) * size.width; column++)
      bytes.set(rgb, (row * size.width + column) * 3);
  return { ...size, rgb: bytes };
};

export const episodesOf = (watched: Watched): EpisodeOutcome[] =>
  watched.told.filter((one): one is EpisodeOutcome => one.kind !== 'flow' && one.kind !== 'heat');

/** Drives one engine, a picture at a time. */
export class Watched {
  engine: RuleEngine;
  readonly told: RuleOutcome[] = [];
  atMs: number;
  #ids = 0;
  readonly #options: { rules: readonly VisionRule[]; zone: string };

  constructor(rules: readonly VisionRule[], { startMs = Date.UTC(2026, 5, 1, 2), zone = 'Asia/Shanghai' } = {}) {
    this.#options = { rules, zone };
    this.engine = this.#make();
    this.atMs = startMs;
  }

  see(tracks: readonly Track[], more: Partial<Observation> & { stepMs?: number } = {}): this {
    const { stepMs = 200, ...rest } = more;
    this.atMs += stepMs;
    const { atMs } = this;
    const observation = { cameraId: ruleId, viewId, atMs, tracks, health: null, facts: () => undefined, ...rest };
    this.told.push(...this.engine.observe(observation));
    return this;
  }

  /** The same picture for so long. */
  forMs(ms: number, tracks: readonly Track[], more: Partial<Observation> & { stepMs?: number } = {}): this {
    for (let passed = 0; passed < ms; passed += more.stepMs ?? 200) this.see(tracks, more);
    return this;
  }

  blind(ms: number): this {
    for (let passed = 0; passed < ms; passed += 1_000) {
      this.atMs += 1_000;
      this.told.push(...this.engine.blind(this.atMs));
    }
    return this;
  }

  /** Through JSON, as a crash leaves it; other rules where they are given. */
  restart(rules: readonly VisionRule[] = this.#options.rules): this {
    const kept = JSON.parse(JSON.stringify(this.engine.snapshot())) as EngineSnapshot;
    this.engine = this.#make(rules);
    this.engine.restore(kept);
    return this;
  }

  get kinds(): string[] {
    return this.told.filter(({ kind }) => kind !== 'heat').map(({ kind }) => kind);
  }

  #make(rules = this.#options.rules): RuleEngine {
    return new RuleEngine({ rules, zone: this.#options.zone, viewId, newId: () => `id-${++this.#ids}` });
  }
}

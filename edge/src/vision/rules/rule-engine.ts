import { uuidv7 } from '@hallhub/shared';
import { HallClock, isWithin } from '@hallhub/shared/hall-time';
import { canonicalJson } from '@hallhub/shared/proof';
import type { VisionRule } from '@hallhub/shared/vision';
import type { Pause, RuleRunner, RunnerContext } from './algorithm.js';
import { makeRunner } from './algorithms/index.js';
import { HeatMap, type HeatState } from './heat-map.js';
import type { EpisodeOutcome, Observation, RuleOutcome } from './observation.js';
import type { Scene } from './scene.js';
import { SteadyTime } from './steady-time.js';

export interface RuleEngineOptions {
  readonly rules: readonly VisionRule[];
  /** IANA name of the hall's zone. */
  readonly zone: string;
  readonly viewId: string;
  readonly newId?: (atMs: number) => string;
}

interface KeptRule {
  readonly rule: VisionRule;
  readonly state: unknown;
  /** Begun and not ended. */
  readonly open: readonly EpisodeOutcome[];
}

/** All an engine remembers; plain JSON. */
export interface EngineSnapshot {
  readonly v: 1;
  readonly viewId: string;
  readonly lastMs?: number | undefined;
  readonly heat: HeatState;
  readonly rules: readonly KeptRule[];
}

interface Running {
  readonly rule: VisionRule;
  readonly runner: RuleRunner;
  readonly open: Map<string, EpisodeOutcome>;
}

const usualAspect = 16 / 9;

/**
 * The rules of one view at work. Pure: time and pictures come in, outcomes go out. `observe` wants to be called for each picture that was
 * looked at, also when nobody is in it, and `blind` about once a second while the camera is gone.
 */
export class RuleEngine {
  readonly #context: RunnerContext;
  readonly #hallClock: HallClock;
  readonly #time = new SteadyTime();
  readonly #running: Running[];
  #heat: HeatMap;
  /** Episodes of rules that are no more: they end with the next picture. */
  #orphans: EpisodeOutcome[] = [];

  /** Throws RangeError where the zone is none. */
  constructor({ rules, zone, viewId, newId = (atMs) => uuidv7(Math.round(atMs)) }: RuleEngineOptions) {
    this.#context = { viewId, newId };
    this.#hallClock = new HallClock(zone);
    this.#running = rules
      .filter(({ enabled }) => enabled)
      .map((rule) => ({ rule, runner: makeRunner(rule, this.#context, undefined), open: new Map() }));
    this.#heat = new HeatMap(viewId);
  }

  observe(observation: Observation): readonly RuleOutcome[] {
    const { atMs, picture, facts } = observation;
    const { ms: stepMs, isGap } = this.#time.advance(atMs);
    const hall = this.#hallClock.at(atMs);
    const scene: Scene = {
      ...{ ...observation, stepMs, isGap, hall, hallClock: this.#hallClock },
      aspect: picture ? picture.width / picture.height : usualAspect,
    };
    const outcomes = this.#endOrphans(atMs);
    for (const running of this.#running) {
      const { rule, runner } = running;
      const applies = this.#applies(rule, scene, facts);
      const done = applies === undefined ? runner.blind(scene) : applies ? runner.look(scene) : runner.rest(scene);
      outcomes.push(...this.#note(running, done));
    }
    return [...outcomes, ...this.#heat.look(scene)];
  }

  /** The camera gives no pictures: nothing is concluded from what is not seen. */
  blind(atMs: number): readonly RuleOutcome[] {
    const { ms: stepMs, isGap } = this.#time.advance(atMs);
    const pause: Pause = { atMs, stepMs, isGap };
    const outcomes = this.#endOrphans(atMs);
    for (const running of this.#running) outcomes.push(...this.#note(running, running.runner.blind(pause)));
    return [...outcomes, ...this.#heat.turn(atMs)];
  }

  /** A copy of all that is remembered: an engine that is given it goes on as this one would. */
  snapshot(): EngineSnapshot {
    const kept: EngineSnapshot = {
      v: 1,
      viewId: this.#context.viewId,
      lastMs: this.#time.lastMs,
      heat: this.#heat.state,
      rules: [
        ...this.#running.map(({ rule, runner, open }) => ({ rule, state: runner.state, open: [...open.values()] })),
        ...this.#orphans.map((orphan) => ({ rule: orphan.rule, state: null, open: [orphan] })),
      ],
    };
    return JSON.parse(JSON.stringify(kept)) as EngineSnapshot;
  }

  /** Before the first picture. Rules may have changed since: what a changed rule was about to say is forgotten, what was begun goes on or ends. */
  restore(snapshot: EngineSnapshot): void {
    const { lastMs, heat, rules } = JSON.parse(JSON.stringify(snapshot)) as EngineSnapshot;
    this.#time.restore(lastMs);
    this.#heat = new HeatMap(this.#context.viewId, heat);
    for (const kept of rules) {
      const at = this.#running.findIndex(({ rule }) => rule.id === kept.rule.id && sameSight(rule, kept.rule));
      const running = this.#running[at];
      if (!running || kept.state === null) {
        this.#orphans.push(...kept.open);
        continue;
      }
      const { rule } = running;
      const open = new Map(kept.open.map((one) => [one.episodeId, { ...one, rule }]));
      this.#running[at] = { rule, runner: makeRunner(rule, this.#context, kept.state), open };
    }
  }

  #applies(rule: VisionRule, { hall }: Scene, facts: Observation['facts']): boolean | undefined {
    // The times of opening hours are days, which that rule looks at itself.
    if (rule.algorithm !== 'hours_kept' && !isWithin(rule.times, hall)) return false;
    const known = rule.facts.map(facts);
    if (known.includes(false)) return false;
    return known.includes(undefined) ? undefined : true;
  }

  #note({ open }: Running, outcomes: readonly RuleOutcome[]): readonly RuleOutcome[] {
    for (const outcome of outcomes) {
      if (outcome.kind === 'began') open.set(outcome.episodeId, outcome);
      if (outcome.kind === 'ended') open.delete(outcome.episodeId);
    }
    return outcomes;
  }

  #endOrphans(atMs: number): RuleOutcome[] {
    const ended = this.#orphans.map((orphan) => ({
      ...orphan,
      kind: 'ended' as const,
      endedAt: Math.max(Math.round(atMs), orphan.startedAt),
    }));
    this.#orphans = [];
    return ended;
  }
}

/** Whether what was remembered of the one is of use to the other: it looks at the same place for the same thing. */
const sameSight = (a: VisionRule, b: VisionRule): boolean => {
  const sight = (rule: VisionRule): string => {
    const { name, severity, clip, facesClearBecause, coolDownMs, forMs, times, facts, enabled, ...rest } = rule;
    return canonicalJson(rest);
  };
  return a.algorithm === b.algorithm && sight(a) === sight(b);
};

import type { RuleOf, Seen, VisionAlgorithm, VisionRule } from '@hallhub/shared/vision';
import type { Track } from '../pipeline/track.js';
import { type Algorithm, defineAlgorithm, type Needs, type RuleRunner } from './algorithm.js';
import {
  type EpisodeChange,
  type EpisodeState,
  type EpisodeStep,
  endEpisode,
  newEpisodeState,
  stepEpisode,
} from './episode-keeper.js';
import type { EpisodeOutcome } from './observation.js';
import { type Scene, seenOf } from './scene.js';

export interface Verdict {
  /** Undefined: this picture does not say. */
  readonly holds: boolean | undefined;
  readonly seen?: readonly Track[];
  readonly count?: number;
  readonly detail?: string;
}

export interface EpisodeMemory {
  episode: EpisodeState;
  seen: Seen[];
  most?: number | undefined;
  detail?: string | undefined;
  confidenceSum: number;
  confidences: number;
}

export const newMemory = (): EpisodeMemory => ({
  episode: newEpisodeState(),
  seen: [],
  confidenceSum: 0,
  confidences: 0,
});

const forgetSeen = (memory: EpisodeMemory): void => {
  Object.assign(memory, { seen: [], confidenceSum: 0, confidences: 0 });
  delete memory.most;
  delete memory.detail;
};

/** Adds what a picture shows to what is said of the episode. */
const note = (memory: EpisodeMemory, { seen = [], count, detail }: Verdict): void => {
  const told = seenOf(seen);
  if (told.length > 0) memory.seen = told;
  for (const { confidence } of told) {
    memory.confidenceSum += confidence;
    memory.confidences += 1;
  }
  if (count !== undefined) memory.most = Math.max(memory.most ?? 0, count);
  if (detail !== undefined) memory.detail ??= detail;
};

export const episodeOutcome = (
  rule: VisionRule,
  change: EpisodeChange,
  { seen, most, detail, confidenceSum, confidences }: EpisodeMemory,
): EpisodeOutcome => ({
  ...change,
  rule,
  seen: [...seen],
  ...(most === undefined ? {} : { count: most }),
  ...(detail === undefined ? {} : { detail }),
  ...(confidences === 0 ? {} : { confidence: Math.round((confidenceSum / confidences) * 10_000) / 10_000 }),
});

export interface ConditionContext {
  readonly rule: VisionRule;
  readonly byAbsence: boolean;
  readonly newId: (atMs: number) => string;
}

/** One picture more for one episode. */
export const lookOn = (
  memory: EpisodeMemory,
  verdict: Verdict,
  step: Pick<EpisodeStep, 'atMs' | 'stepMs' | 'isGap'>,
  { rule, byAbsence, newId }: ConditionContext,
): EpisodeOutcome[] => {
  const { forMs, coolDownMs } = rule;
  if (verdict.holds) note(memory, verdict);
  const limits = { forMs, coolDownMs, byAbsence, newId };
  const { atMs, stepMs, isGap } = step;
  const change = stepEpisode(memory.episode, { atMs, stepMs, isGap, holds: verdict.holds }, limits);
  const outcomes = change ? [episodeOutcome(rule, change, memory)] : [];
  if (memory.episode.sinceMs === undefined && !memory.episode.open) forgetSeen(memory);
  return outcomes;
};

export const restOn = (
  memory: EpisodeMemory,
  { atMs, stepMs }: Pick<EpisodeStep, 'atMs' | 'stepMs'>,
  rule: VisionRule,
): EpisodeOutcome[] => {
  memory.episode.coolMs = Math.max(0, memory.episode.coolMs - stepMs);
  if (memory.episode.open) memory.episode.open.ms += stepMs;
  const change = endEpisode(memory.episode, atMs, rule.coolDownMs);
  const outcomes = change ? [episodeOutcome(rule, change, memory)] : [];
  forgetSeen(memory);
  return outcomes;
};

export interface ConditionDefinition<A extends VisionAlgorithm, M> {
  readonly needs: Needs;
  /** It holds because something is not seen: a picture in bad health then says nothing. */
  readonly byAbsence: boolean;
  /** What is remembered beside the episode; plain JSON. */
  readonly remember?: () => M;
  readonly evaluate: (rule: RuleOf<A>, scene: Scene, memory: M) => Verdict;
}

interface State<M> {
  main: EpisodeMemory;
  own: M;
}

/** Whoever cannot see concludes nothing from not seeing: neither that somebody is absent, nor that somebody has left. */
export const believed = (verdict: Verdict, byAbsence: boolean, { health }: Pick<Scene, 'health'>): Verdict =>
  verdict.holds === byAbsence && health !== null ? { holds: undefined } : verdict;

/** A rule that holds or does not, picture by picture: one episode at a time. */
export const defineCondition = <A extends VisionAlgorithm, M = undefined>(
  algorithm: A,
  { needs, byAbsence, remember, evaluate }: ConditionDefinition<A, M>,
): Algorithm<A> =>
  defineAlgorithm(algorithm, {
    needs,
    make: (rule, { newId }, kept): RuleRunner => {
      const state: State<M> = (kept as State<M> | undefined) ?? { main: newMemory(), own: remember?.() as M };
      const context = { rule: rule as VisionRule, byAbsence, newId };
      return {
        state,
        look: (scene) =>
          lookOn(state.main, believed(evaluate(rule, scene, state.own), byAbsence, scene), scene, context),
        blind: (pause) => lookOn(state.main, { holds: undefined }, pause, context),
        rest: (pause) => {
          state.own = remember?.() as M;
          return restOn(state.main, pause, rule as VisionRule);
        },
      };
    },
  });

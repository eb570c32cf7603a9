import type { RuleOf, VisionAlgorithm, VisionRule } from '@hallhub/shared/vision';
import type { Track } from '../pipeline/track.js';
import { type Algorithm, byDetector, defineAlgorithm, type Pause, type RuleRunner } from './algorithm.js';
import { believed, type EpisodeMemory, lookOn, newMemory, restOn } from './condition.js';
import type { EpisodeOutcome } from './observation.js';
import type { Scene } from './scene.js';

/** Of one rule; more at once are not watched. */
const maxTracks = 64;

interface State {
  tracks: Record<string, EpisodeMemory>;
  /** Of the whole rule, from the last that ended. */
  coolMs: number;
}

export interface PerTrackDefinition<A extends VisionAlgorithm> {
  /** Those for whom the rule holds in this picture. */
  readonly holding: (rule: RuleOf<A>, scene: Scene) => readonly Track[];
}

/** A rule with an episode for each who is followed; the cool-down is the rule's. */
export const definePerTrack = <A extends VisionAlgorithm>(
  algorithm: A,
  { holding }: PerTrackDefinition<A>,
): Algorithm<A> =>
  defineAlgorithm(algorithm, {
    needs: byDetector,
    make: (given, { newId }, kept): RuleRunner => {
      const rule = given as VisionRule;
      const state: State = (kept as State | undefined) ?? { tracks: {}, coolMs: 0 };
      const context = { rule, byAbsence: false, newId };
      const each = (
        work: (memory: EpisodeMemory, id: string) => EpisodeOutcome[],
        stepMs: number,
      ): EpisodeOutcome[] => {
        state.coolMs = Math.max(0, state.coolMs - stepMs);
        const outcomes = Object.entries(state.tracks).flatMap(([id, memory]) => {
          // Its own cool-down is the rule's: whoever is in an episode stays in it.
          memory.episode.coolMs = state.coolMs + stepMs;
          const done = work(memory, id);
          if (memory.episode.sinceMs === undefined && !memory.episode.open) delete state.tracks[id];
          if (done.some(({ kind }) => kind === 'ended')) state.coolMs = rule.coolDownMs;
          return done;
        });
        return outcomes;
      };
      const pause = ({ atMs, stepMs, isGap }: Pause) => ({ atMs, stepMs, isGap });
      return {
        state,
        look: (scene) => {
          const found = new Map(holding(given, scene).map((track) => [String(track.id), track]));
          for (const id of found.keys()) {
            if (state.tracks[id] || Object.keys(state.tracks).length >= maxTracks) continue;
            state.tracks[id] = newMemory();
          }
          return each((memory, id) => {
            const track = found.get(id);
            const verdict = track ? { holds: true, seen: [track] } : { holds: false };
            return lookOn(memory, believed(verdict, false, scene), pause(scene), context);
          }, scene.stepMs);
        },
        blind: (step) => each((memory) => lookOn(memory, { holds: undefined }, pause(step), context), step.stepMs),
        rest: (step) => each((memory) => restOn(memory, step, rule), step.stepMs),
      };
    },
  });

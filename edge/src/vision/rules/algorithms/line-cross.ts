import { byDetector, defineAlgorithm, type RuleRunner } from '../algorithm.js';
import { crossingsOf, type LineState } from '../line-watch.js';
import { seenOf, wantedTracks } from '../scene.js';

interface State {
  tracks: LineState;
  coolMs: number;
}

/** Somebody crosses: told once for each, but for those in the cool-down. */
export const lineCross = defineAlgorithm('line_cross', {
  needs: byDetector,
  make: (rule, { newId }, kept): RuleRunner => {
    const state: State = (kept as State | undefined) ?? { tracks: {}, coolMs: 0 };
    const cool = (stepMs: number) => {
      state.coolMs = Math.max(0, state.coolMs - stepMs);
    };
    return {
      state,
      look: (scene) => {
        cool(scene.stepMs);
        const { atMs } = scene;
        const crossings = crossingsOf(state.tracks, rule.line, wantedTracks(scene, rule), scene).filter(
          ({ way }) => rule.way === 'both' || rule.way === way,
        );
        const [first] = crossings;
        if (!first || state.coolMs > 0) return [];
        state.coolMs = rule.coolDownMs;
        const seen = seenOf(crossings.map(({ track }) => track));
        const confidence = seen.reduce((sum, one) => sum + one.confidence, 0) / Math.max(1, seen.length);
        return [
          {
            ...{ kind: 'once', episodeId: newId(atMs), rule, seen, startedAt: Math.round(atMs) },
            ...{ count: crossings.length, detail: first.way, confidence: Math.round(confidence * 10_000) / 10_000 },
          },
        ];
      },
      blind: ({ stepMs }) => {
        cool(stepMs);
        return [];
      },
      rest: ({ stepMs }) => {
        cool(stepMs);
        state.tracks = {};
        return [];
      },
    };
  },
});

import { byDetector, defineAlgorithm, type RuleRunner } from '../algorithm.js';
import { crossingsOf, type LineState } from '../line-watch.js';
import type { RuleOutcome } from '../observation.js';
import { wantedTracks } from '../scene.js';
import { bucketStart } from '../steady-time.js';

interface State {
  tracks: LineState;
  minute?: number;
  in: number;
  out: number;
}

export const minuteMs = 60_000;

/** Who crosses, each way, by the minute. */
export const lineCount = defineAlgorithm('line_count', {
  needs: byDetector,
  make: (rule, { viewId }, kept): RuleRunner => {
    const state: State = (kept as State | undefined) ?? { tracks: {}, in: 0, out: 0 };
    /** Tells the minute that is over. */
    const turn = (atMs: number): RuleOutcome[] => {
      const minute = bucketStart(atMs, minuteMs, state.minute);
      if (minute === state.minute) return [];
      const told: RuleOutcome[] =
        state.minute !== undefined && state.in + state.out > 0
          ? [
              {
                kind: 'flow',
                flow: { v: 1, ruleId: rule.id, viewId, minute: state.minute, in: state.in, out: state.out },
              },
            ]
          : [];
      Object.assign(state, { minute, in: 0, out: 0 });
      return told;
    };
    return {
      state,
      look: (scene) => {
        const told = turn(scene.atMs);
        for (const { way } of crossingsOf(state.tracks, rule.line, wantedTracks(scene, rule), scene)) state[way] += 1;
        return told;
      },
      blind: ({ atMs }) => turn(atMs),
      rest: ({ atMs }) => {
        state.tracks = {};
        return turn(atMs);
      },
    };
  },
});

import { byDetector, defineAlgorithm, type RuleRunner } from '../algorithm.js';
import type { RuleOutcome } from '../observation.js';
import { standsIn, wantedTracks } from '../scene.js';
import { bucketStart } from '../steady-time.js';
import { minuteMs } from './line-count.js';

interface Visit {
  /** Of time in which somebody looked. */
  ms: number;
  /** Not seen in the zone, in a row. */
  awayMs: number;
}

interface State {
  visits: Record<string, Visit>;
  minute?: number;
  /** Sum of people times ms, and the ms that were looked at. */
  peopleMs: number;
  lookedMs: number;
  most: number;
  left: number;
  dwellMs: number;
}

const awayAfterMs = 2_000;
const maxVisits = 256;

/** How many are in the zone, and how long those stayed who left; who stayed shorter than `forMs` only passed through. */
export const dwell = defineAlgorithm('dwell', {
  needs: byDetector,
  make: (rule, { viewId }, kept): RuleRunner => {
    const state: State = (kept as State | undefined) ?? {
      ...{ visits: {}, peopleMs: 0, lookedMs: 0, most: 0, left: 0, dwellMs: 0 },
    };
    const turn = (atMs: number): RuleOutcome[] => {
      const minute = bucketStart(atMs, minuteMs, state.minute);
      if (minute === state.minute) return [];
      const { peopleMs, lookedMs, most, left, dwellMs } = state;
      const told: RuleOutcome[] =
        state.minute !== undefined && (most > 0 || left > 0)
          ? [
              {
                kind: 'flow',
                flow: {
                  ...{ v: 1, ruleId: rule.id, viewId, minute: state.minute, occupancyMost: most, left },
                  occupancyMean: lookedMs === 0 ? 0 : Math.round((peopleMs / lookedMs) * 1_000) / 1_000,
                  ...(left === 0 ? {} : { dwellMeanMs: Math.round(dwellMs / left) }),
                },
              },
            ]
          : [];
      Object.assign(state, { minute, peopleMs: 0, lookedMs: 0, most: 0, left: 0, dwellMs: 0 });
      return told;
    };
    const leave = (id: string, { ms }: Visit): void => {
      delete state.visits[id];
      if (ms < rule.forMs) return;
      state.left += 1;
      state.dwellMs += ms;
    };
    return {
      state,
      look: (scene) => {
        const told = turn(scene.atMs);
        const { stepMs } = scene;
        const inside = wantedTracks(scene, rule).filter((track) => standsIn(rule.zone, track));
        state.peopleMs += inside.length * stepMs;
        state.lookedMs += stepMs;
        state.most = Math.max(state.most, inside.length);
        const ids = new Set(inside.map(({ id }) => String(id)));
        for (const [id, visit] of Object.entries(state.visits)) {
          if (ids.delete(id)) {
            visit.ms += visit.awayMs + stepMs;
            visit.awayMs = 0;
          } else if (scene.health === null) visit.awayMs += stepMs;
          if (visit.awayMs >= awayAfterMs || scene.isGap) leave(id, visit);
        }
        for (const id of ids) {
          if (Object.keys(state.visits).length < maxVisits) state.visits[id] = { ms: 0, awayMs: 0 };
        }
        return told;
      },
      // Whoever was there when the camera went may have left long ago when it is back: that stay is not told.
      blind: ({ atMs, isGap }) => {
        if (isGap) state.visits = {};
        return turn(atMs);
      },
      rest: ({ atMs }) => {
        for (const [id, visit] of Object.entries(state.visits)) leave(id, visit);
        return turn(atMs);
      },
    };
  },
});

import { isWithin, minuteOf } from '@hallhub/shared/hall-time';
import { byDetector, defineAlgorithm, type Pause, type RuleRunner } from '../algorithm.js';
import { type EpisodeMemory, episodeOutcome, newMemory } from '../condition.js';
import { graceMs as missedMs } from '../episode-keeper.js';
import type { RuleOutcome } from '../observation.js';
import { isIn, type Scene, wantedTracks } from '../scene.js';

interface State {
  late: EpisodeMemory;
  /** Nobody was seen since, and it was looked at all the time; undefined: not so. */
  emptySince?: number;
  seenMs: number;
  /** Openings and closings that were told, epoch ms. */
  toldOpening?: number;
  toldClosing?: number;
}

/** How long after closing time it is still said. */
const closingWindowMs = 60_000;
const dayMs = 86_400_000;

/**
 * Nobody in the zone from opening time to `graceMs` after it: an episode until somebody comes. Nobody from `graceMs` before closing time to
 * closing time: told once. Only where the camera saw all that time.
 */
export const hoursKept = defineAlgorithm('hours_kept', {
  needs: byDetector,
  make: (rule, { newId }, kept): RuleRunner => {
    const state: State = (kept as State | undefined) ?? { late: newMemory(), seenMs: 0 };
    const { graceMs } = rule;
    const end = (atMs: number): RuleOutcome[] => {
      const { open } = state.late.episode;
      if (!open) return [];
      delete state.late.episode.open;
      const endedAt = Math.max(Math.round(atMs), open.startedAt + Math.round(open.ms));
      const { episodeId, startedAt } = open;
      return [episodeOutcome(rule, { kind: 'ended', episodeId, startedAt, endedAt }, state.late)];
    };
    /** The day's opening and closing, of today or, after midnight, of a day that began yesterday. */
    const days = ({ atMs, hallClock }: Scene): { opens: number; closes: number }[] =>
      [atMs, atMs - dayMs].flatMap((near) => {
        const day = hallClock.at(near);
        const opens = hallClock.epochMs(day, minuteOf(rule.opensAt));
        if (!isWithin(rule.times, hallClock.at(opens))) return [];
        const closes = hallClock.epochMs(day, minuteOf(rule.closesAt));
        const next = hallClock.at(opens + dayMs);
        return [{ opens, closes: closes > opens ? closes : hallClock.epochMs(next, minuteOf(rule.closesAt)) }];
      });
    const step = ({ stepMs }: Pause): void => {
      if (state.late.episode.open) state.late.episode.open.ms += stepMs;
    };
    return {
      state,
      look: (scene) => {
        const { atMs, stepMs } = scene;
        step(scene);
        const isSomebody = wantedTracks(scene, rule).some((track) => isIn(rule.zone, track));
        state.seenMs = isSomebody ? state.seenMs + stepMs : 0;
        const came = isSomebody && state.seenMs >= missedMs;
        if (scene.isGap || scene.health !== null || came) delete state.emptySince;
        else if (!isSomebody) state.emptySince ??= atMs;
        const outcomes = came ? end(atMs) : [];
        const { emptySince } = state;
        for (const { opens, closes } of days(scene)) {
          if (atMs >= closes && state.late.episode.open && state.toldOpening === opens) outcomes.push(...end(closes));
          if (emptySince === undefined) continue;
          const isLate = atMs >= opens + Math.max(graceMs, missedMs) && atMs < closes && emptySince <= opens;
          if (isLate && state.toldOpening !== opens && !state.late.episode.open) {
            state.toldOpening = opens;
            const episodeId = newId(atMs);
            state.late = { ...newMemory(), detail: 'opened_late' };
            state.late.episode.open = { episodeId, startedAt: opens, ms: Math.max(0, atMs - opens) };
            outcomes.push(episodeOutcome(rule, { kind: 'began', episodeId, startedAt: opens }, state.late));
          }
          const isEarly = atMs >= closes && atMs < closes + closingWindowMs && emptySince <= closes - graceMs;
          if (isEarly && emptySince > opens && state.toldClosing !== closes) {
            state.toldClosing = closes;
            const startedAt = Math.round(emptySince);
            outcomes.push({
              ...{ kind: 'once', episodeId: newId(atMs), rule, seen: [], startedAt, detail: 'closed_early' },
            });
          }
        }
        return outcomes;
      },
      blind: (pause) => {
        step(pause);
        delete state.emptySince;
        return [];
      },
      // The days are those of `times`, and not the minutes of them.
      rest: (pause) => {
        step(pause);
        delete state.emptySince;
        return end(pause.atMs);
      },
    };
  },
});

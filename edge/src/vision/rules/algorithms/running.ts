import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { speedOf, standsIn, wantedTracks } from '../scene.js';

const windowMs = 1_000;

/** Somebody goes faster than so many of one's own heights a second. */
export const running = defineCondition('running', {
  needs: byDetector,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const seen = wantedTracks(scene, rule).filter(
      (track) =>
        !track.isLost &&
        standsIn(rule.zone, track) &&
        (speedOf(track, scene.aspect, windowMs) ?? 0) > rule.heightsPerSecond,
    );
    return { holds: seen.length > 0, seen, count: seen.length };
  },
});

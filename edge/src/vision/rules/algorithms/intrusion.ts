import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { standsIn, wantedTracks } from '../scene.js';

/** Somebody's feet are in the zone. */
export const intrusion = defineCondition('intrusion', {
  needs: byDetector,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const seen = wantedTracks(scene, rule).filter((track) => standsIn(rule.zone, track));
    return { holds: seen.length > 0, seen, count: seen.length };
  },
});

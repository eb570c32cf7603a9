import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { standsIn, wantedTracks } from '../scene.js';

/** More than so many in the zone. */
export const crowding = defineCondition('crowding', {
  needs: byDetector,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const seen = wantedTracks(scene, rule).filter((track) => standsIn(rule.zone, track));
    return { holds: seen.length > rule.most, seen, count: seen.length };
  },
});

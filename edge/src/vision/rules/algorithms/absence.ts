import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { isIn, wantedTracks } from '../scene.js';

/** Nobody in the zone. */
export const absence = defineCondition('absence', {
  needs: byDetector,
  byAbsence: true,
  evaluate: (rule, scene) => ({ holds: !wantedTracks(scene, rule).some((track) => isIn(rule.zone, track)) }),
});

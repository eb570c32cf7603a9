import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { centreOf, isIn, overlapOf, wantedTracks } from '../scene.js';

/** As COCO calls it. */
const phone = 'cell phone';
/** A phone is small and weakly detected. */
const confidenceShare = 0.6;
const upperShare = 0.75;

/** Experimental. A phone is seen before the upper part of somebody in the zone. */
export const phoneUse = defineCondition('phone_use', {
  needs: byDetector,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const minConfidence = rule.minConfidence * confidenceShare;
    const phones = wantedTracks(scene, { labels: [phone], minConfidence, minHeight: 0 });
    const people = wantedTracks(scene, rule).filter((track) => isIn(rule.zone, track));
    const seen = people.filter(({ box }) =>
      phones.some((one) => overlapOf(one.box, box) > 0.5 && centreOf(one)[1] < box[1] + box[3] * upperShare),
    );
    return { holds: seen.length > 0, seen: [...seen, ...(seen.length > 0 ? phones : [])], count: seen.length };
  },
});

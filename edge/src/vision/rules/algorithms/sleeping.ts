import { byPose } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { isIn, overlapOf, wantedTracks } from '../scene.js';
import { headOf, leanOf, shouldersOf } from './body.js';

const bentDegrees = 50;
const leastOverlap = 0.5;

/** Experimental. Somebody does not move, and the head is no higher than the shoulders or the trunk is bent over. */
export const sleeping = defineCondition('sleeping', {
  needs: byPose,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const { poses, aspect } = scene;
    if (!poses) return { holds: undefined };
    const seen = wantedTracks(scene, rule).filter((track) => {
      const pose = poses.find((one) => overlapOf(one.box, track.box) >= leastOverlap);
      if (!pose || !track.isStationary || !isIn(rule.zone, track)) return false;
      const [head, shoulders] = [headOf(pose), shouldersOf(pose)];
      const isHeadDown = head !== undefined && shoulders !== undefined && head.y >= shoulders.y;
      return isHeadDown || (leanOf(pose, aspect) ?? 0) >= bentDegrees;
    });
    return { holds: seen.length > 0, seen, count: seen.length };
  },
});

import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { speedOf, standsIn, wantedTracks } from '../scene.js';

const slowest = 0.05;
const windowMs = 3_000;

/** More than so many standing in the zone; who walks through does not wait. */
export const queueLength = defineCondition('queue_length', {
  needs: byDetector,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const waits = (track: Parameters<typeof speedOf>[0]): boolean => {
      if (track.isStationary) return true;
      const speed = speedOf(track, scene.aspect, windowMs);
      return speed !== undefined && speed < slowest;
    };
    const seen = wantedTracks(scene, rule).filter((track) => standsIn(rule.zone, track) && waits(track));
    return { holds: seen.length > rule.most, seen, count: seen.length };
  },
});

import type { Track } from '../../pipeline/track.js';
import { byPose } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import type { SeenPose } from '../observation.js';
import { isIn, overlapOf, wantedTracks } from '../scene.js';
import { leanOf } from './body.js';

const lyingDegrees = 60;
const leastOverlap = 0.5;

/** Experimental. Somebody lies: the trunk is nearer to level than to upright, and the body wider than high. Undefined: no pose says. */
const lies = ({ box }: Track, poses: readonly SeenPose[], aspect: number): boolean | undefined => {
  const pose = poses.find((one) => overlapOf(one.box, box) >= leastOverlap);
  const lean = pose && leanOf(pose, aspect);
  if (lean === undefined) return undefined;
  return lean >= lyingDegrees && box[2] * aspect > box[3];
};

export const fall = defineCondition('fall', {
  needs: byPose,
  byAbsence: false,
  evaluate: (rule, scene) => {
    const { poses } = scene;
    const people = wantedTracks(scene, rule).filter((track) => isIn(rule.zone, track));
    if (!poses) return { holds: undefined };
    const looks = people.map((track) => ({ track, lies: lies(track, poses, scene.aspect) }));
    const seen = looks.filter((one) => one.lies === true).map(({ track }) => track);
    if (seen.length === 0 && looks.some((one) => one.lies === undefined)) return { holds: undefined };
    return { holds: seen.length > 0, seen, count: seen.length };
  },
});

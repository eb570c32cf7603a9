import type { Track } from '../../pipeline/track.js';
import { defineCondition } from '../condition.js';
import { isIn, type Scene, wantedTracks } from '../scene.js';
import { distanceOf, type Lab, torsoColour } from '../torso-colour.js';

/** Experimental. Somebody stays in the zone whose torso is of none of the colours. */
export const uniform = defineCondition('uniform', {
  needs: { detector: true, pose: false, picture: true },
  byAbsence: false,
  evaluate: (rule, scene) => {
    const { picture } = scene;
    if (!picture) return { holds: undefined };
    const isOther = (track: Track): boolean => {
      const colour = torsoOf(track, scene, picture);
      return colour !== undefined && rule.colours.every((known) => distanceOf(known as Lab, colour) > rule.within);
    };
    const people = wantedTracks(scene, rule).filter((track) => !track.isLost && isIn(rule.zone, track));
    const seen = people.filter(isOther);
    return { holds: seen.length > 0, seen, count: seen.length };
  },
});

const torsoOf = (track: Track, scene: Scene, picture: NonNullable<Scene['picture']>): Lab | undefined =>
  torsoColour(
    picture,
    track.box,
    scene.poses?.map(({ keypoints }) => keypoints),
  );

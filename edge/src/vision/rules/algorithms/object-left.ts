import { definePerTrack } from '../per-track.js';
import { isIn, wantedTracks } from '../scene.js';
import { isAttended, wantedObjects } from './objects.js';

/** Experimental. A thing lies in the zone and nobody is near. */
export const objectLeft = definePerTrack('object_left', {
  holding: (rule, scene) =>
    wantedTracks(scene, wantedObjects(rule)).filter(
      (track) => track.isStationary && isIn(rule.zone, track) && !isAttended(track.box, scene),
    ),
});

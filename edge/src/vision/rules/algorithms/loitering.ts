import { definePerTrack } from '../per-track.js';
import { standsIn, wantedTracks } from '../scene.js';

/** One and the same stays in the zone. */
export const loitering = definePerTrack('loitering', {
  holding: (rule, scene) => wantedTracks(scene, rule).filter((track) => standsIn(rule.zone, track)),
});

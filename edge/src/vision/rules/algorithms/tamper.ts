import { defineCondition } from '../condition.js';

/** The camera's picture itself is wrong. */
export const tamper = defineCondition('tamper', {
  needs: { detector: false, pose: false, picture: false },
  // That the picture is well is seen in a picture that is well.
  byAbsence: false,
  evaluate: ({ kinds }, { health }) =>
    health !== null && kinds.includes(health.kind) ? { holds: true, detail: health.kind } : { holds: false },
});

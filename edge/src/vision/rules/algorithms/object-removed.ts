import type { Box } from '@hallhub/shared/vision';
import { byDetector } from '../algorithm.js';
import { defineCondition } from '../condition.js';
import { isIn, overlapOf, wantedTracks } from '../scene.js';
import { isAttended, wantedObjects } from './objects.js';

interface Known {
  label: string;
  box: Box;
  /** How long it lay there, and how long its open place was seen empty. */
  ms: number;
  goneMs: number;
}

const settledMs = 30_000;
const forgetMs = 600_000;
const maxKnown = 32;

/** Experimental. A thing that had lain in the zone is gone, and nobody hides its place. Ends when it is back or was forgotten. */
export const objectRemoved = defineCondition('object_removed', {
  needs: byDetector,
  byAbsence: true,
  remember: (): { things: Known[] } => ({ things: [] }),
  evaluate: (rule, scene, memory) => {
    const found = wantedTracks(scene, wantedObjects(rule)).filter((track) => isIn(rule.zone, track));
    for (const thing of memory.things) {
      const again = found.find(({ label, box }) => label === thing.label && overlapOf(box, thing.box) > 0.5);
      if (again) Object.assign(thing, { ms: thing.ms + thing.goneMs + scene.stepMs, goneMs: 0 });
      else if (scene.health === null && !isAttended(thing.box, scene)) thing.goneMs += scene.stepMs;
    }
    // One that never settled was carried by; one that is gone for long has been told.
    memory.things = memory.things.filter(({ ms, goneMs }) => (ms >= settledMs ? goneMs < forgetMs : goneMs < 2_000));
    for (const { label, box, isStationary } of found) {
      const isKnown = memory.things.some((one) => one.label === label && overlapOf(one.box, box) > 0.5);
      if (!isKnown && isStationary && memory.things.length < maxKnown)
        memory.things.push({ label, box: [...box], ms: 0, goneMs: 0 });
    }
    const gone = memory.things.filter(({ ms, goneMs }) => ms >= settledMs && goneMs > 0);
    return { holds: gone.length > 0, count: gone.length, ...(gone[0] ? { detail: gone[0].label } : {}) };
  },
});

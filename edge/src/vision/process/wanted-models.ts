import type { VisionAlgorithm } from '@hallhub/shared/vision';
import { needsOf } from '../rules/index.js';
import type { WatchedCamera } from '../vision-worker.js';
import type { WantedModels } from './serving-models.js';

/** Told as figures: no picture leaves the hall for them. */
const withoutPictures: ReadonlySet<VisionAlgorithm> = new Set<VisionAlgorithm>(['line_count', 'dwell']);

/** What beside the detector these cameras need: poses for rules that go by them, faces where pictures are made in which they are hidden. */
export const wantedModels = (cameras: readonly WatchedCamera[]): WantedModels => {
  const rules = cameras
    .filter(({ vision }) => vision.enabled)
    .flatMap(({ vision }) => vision.views.flatMap((view) => view.rules.filter(({ enabled }) => enabled)));
  return {
    pose: needsOf(rules).pose,
    faces: rules.some(
      ({ algorithm, facesClearBecause }) => !withoutPictures.has(algorithm) && facesClearBecause === undefined,
    ),
  };
};

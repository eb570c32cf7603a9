import type { FaceComparison } from '../faces-contract.js';

const good = { width: 640, height: 480, faces: 1, problems: [] };
const quality = { eyesPx: 60, tiltDegrees: 1, turn: 0.01, brightness: 120, contrast: 40, sharpness: 0.05 };

export const comparison = (over: Partial<FaceComparison> = {}): FaceComparison => ({
  ...{ verdict: 'same', likeness: 0.74, thresholds: { same: 0.6, different: 0.5 }, notes: [] },
  pictures: { person: { ...good, quality }, document: { ...good, quality } },
  liveness: 'not_checked',
  models: [
    { role: 'face', id: 'finder', sha256: 'f'.repeat(64) },
    { role: 'face-embedding', id: 'embedder', sha256: 'e'.repeat(64) },
  ],
  ...over,
});

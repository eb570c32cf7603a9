export { type Clip, type ClipRequest, cutClip } from './clip-cut.js';
export { finishClip } from './finish-clip.js';
export { type RecordingFigures, RecordingRing, type RingSegment } from './recording-ring.js';
export { RecordingStore, type RecordingStoreOptions } from './recording-store.js';

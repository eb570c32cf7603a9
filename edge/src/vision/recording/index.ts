export { type Clip, type ClipRequest, cutClip } from './clip-cut.js';
export { DownloadPlan } from './download-plan.js';
export { endOf } from './find-in-ring.js';
export { finishClip } from './finish-clip.js';
export { playRing } from './play-ring.js';
export { recordedSpans } from './recorded-spans.js';
export { type RecordingFigures, RecordingRing, type RingSegment } from './recording-ring.js';
export { RecordingStore, type RecordingStoreOptions } from './recording-store.js';
export { listRingFiles, type RingFile } from './ring-folder.js';

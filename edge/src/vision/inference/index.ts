export type {
  Detection,
  Detector,
  Face,
  FaceFinder,
  Keypoint,
  ModelIdentity,
  ModelThresholds,
  PictureBytes,
  Pose,
  PoseEstimator,
} from './detector.js';
export { type DetectorOutcome, DetectorQueue, type QueueFigures } from './detector-queue.js';
export { ModelThread } from './model-thread.js';
export { type AbsentModel, isAbsent, type OpenOptions, openRole } from './open-models.js';

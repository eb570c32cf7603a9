export type {
  Detection,
  Detector,
  Face,
  FaceEmbedder,
  FaceFinder,
  FaceLandmarks,
  FacePlace,
  Keypoint,
  ModelIdentity,
  ModelThresholds,
  PictureBytes,
  PicturePoint,
  Pose,
  PoseEstimator,
} from './detector.js';
export { type DetectorOutcome, DetectorQueue, type QueueFigures } from './detector-queue.js';
export { ModelThread } from './model-thread.js';
export { type AbsentModel, isAbsent, type LookingRole, type OpenOptions, openRole } from './open-models.js';

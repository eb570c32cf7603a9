export {
  type ProcessCameraFigures,
  VisionProcess,
  type VisionProcessOptions,
  type VisionStatus,
} from './vision-process.js';

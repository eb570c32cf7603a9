export type { ProcessCameraFigures, VisionStatus } from './process-figures.js';
export { VisionProcess, type VisionProcessOptions } from './vision-process.js';

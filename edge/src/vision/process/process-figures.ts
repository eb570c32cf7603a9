import type { CameraFigures, WatchState, WatchStatus } from '../vision-worker.js';
import type { Beat, CameraBeat } from './ipc-contract.js';

/** With what the supervisor alone knows. */
export interface ProcessCameraFigures extends CameraFigures {
  readonly stream?: CameraBeat['stream'];
  readonly live?: CameraBeat['live'];
  readonly allowedFps?: number;
  readonly motionShare?: number;
  readonly failed?: number;
  readonly tracks?: number;
}

export interface VisionStatus extends WatchStatus {
  readonly cameras: readonly ProcessCameraFigures[];
  readonly lateMs?: number;
  readonly detector?: Beat['detector'];
}

/** What a beat of the child says of the process as a whole. */
export const beatFigures = (beat: Beat | undefined): Partial<VisionStatus> => {
  if (!beat) return {};
  const { memoryBytes, lateMs, detector } = beat;
  if (!detector) return { memoryBytes, lateMs };
  const { inferenceMs, model, waiting, skipped } = detector;
  const inference = inferenceMs && { model, p50Ms: inferenceMs.p50, p95Ms: inferenceMs.p95, waiting, skipped };
  return { memoryBytes, lateMs, detector, ...(inference ? { inference } : {}) };
};

/** What it says of one camera; undefined: nothing yet. */
export const cameraFigures = (beat: Beat | undefined, cameraId: string): ProcessCameraFigures | undefined => {
  const one = beat?.cameras.find((camera) => camera.cameraId === cameraId);
  if (!one) return undefined;
  const { source, stream, fps, looked, skipped, people, health, width, height } = one;
  const { allowedFps, motionShare, failed, tracks, recording, live } = one;
  return {
    ...{ cameraId, since: source.since, ...watchStateOf(one, beat?.absent) },
    ...{ fps, looked, skipped, people, health, width, height, stream, live, allowedFps, motionShare, failed, tracks },
    ...(recording ? { recording: { oldestMs: undefined, newestMs: undefined, problem: undefined, ...recording } } : {}),
  };
};

const watchStateOf = (
  { source }: CameraBeat,
  absent: Beat['absent'],
): { state: WatchState; reason?: string; hint?: string } => {
  if (source.state === 'connecting') return { state: 'starting' };
  if (source.state !== 'playing' && source.reason !== 'decode_errors')
    return { state: 'no_pictures', reason: source.reason ?? source.state };
  if (absent) return { state: 'no_model', reason: absent.message, hint: absent.hint };
  return source.reason ? { state: 'watching', reason: source.reason } : { state: 'watching' };
};

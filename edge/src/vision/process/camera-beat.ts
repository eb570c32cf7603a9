import type { LiveOutlets } from '../live/live-outlets.js';
import type { CameraSource } from '../pipeline/camera-source.js';
import type { PictureFault } from '../pipeline/picture-fault.js';
import type { Track } from '../pipeline/track.js';
import type { CameraRecording } from './camera-recording.js';
import type { CameraBeat } from './ipc-contract.js';
import type { LookCounts } from './look-counts.js';
import type { LookPace } from './look-pace.js';

/** The parts of a camera's work that have something to tell of themselves. */
export interface CameraBeatParts {
  readonly cameraId: string;
  readonly source: CameraSource;
  readonly live: LiveOutlets;
  readonly pace: LookPace;
  readonly counts: LookCounts;
  readonly recording: CameraRecording;
  readonly tracks: readonly Track[];
  readonly fault: PictureFault | null;
  readonly picture: { readonly width: number; readonly height: number } | undefined;
}

/** How a camera stands, once a second. */
export const cameraBeat = (parts: CameraBeatParts): CameraBeat => {
  const { cameraId, source, live, pace, counts, recording, tracks, fault, picture } = parts;
  const { pid, ...stream } = source.figures;
  const { fps, motion } = counts.rates;
  const recorded = recording.figures;
  return {
    ...{ cameraId, stream, source: source.state, live: live.figures },
    ...{ fps, allowedFps: pace.allowed, motionShare: motion, looked: counts.looked },
    ...{ skipped: counts.skipped, failed: counts.failed, health: fault?.kind ?? null },
    tracks: tracks.length,
    people: tracks.filter(({ label, isLost }) => label === 'person' && !isLost).length,
    ...(picture ? { width: picture.width, height: picture.height } : {}),
    ...(recorded ? { recording: recorded } : {}),
  };
};

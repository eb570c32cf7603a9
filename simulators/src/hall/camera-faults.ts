import type { FaultKind } from '../faults/faults.js';
import type { CameraFault } from '../peers/camera/onvif-server.js';

/** What a device's faults are for a camera's web side. */
export const cameraFaults: Readonly<Record<FaultKind, CameraFault>> = {
  none: 'none',
  silent: 'hang',
  slow: 'slow',
  late: 'slow',
  corrupt: 'garbage',
  truncate: 'truncated',
  exception: 'error',
  unplug: 'reset',
  flap: 'none',
};

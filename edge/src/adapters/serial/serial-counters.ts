export interface SerialCounters {
  framesIn: number;
  framesOut: number;
  unknownFrames: number;
  /** Frames that came while something else answers at the device's place, or before that was asked. */
  heldFrames: number;
  corruptFrames: number;
  noiseBytes: number;
  timeouts: number;
  refusals: number;
  badValues: number;
}

export const newSerialCounters = (): SerialCounters => ({
  framesIn: 0,
  framesOut: 0,
  unknownFrames: 0,
  heldFrames: 0,
  corruptFrames: 0,
  noiseBytes: 0,
  timeouts: 0,
  refusals: 0,
  badValues: 0,
});

import type { SeenPose } from '../observation.js';

interface Place {
  readonly x: number;
  readonly y: number;
}

const leastConfidence = 0.3;

/** The middle of those key points that were seen. */
export const placeOf = (pose: SeenPose, names: readonly string[]): Place | undefined => {
  const seen = pose.keypoints.filter(({ name, confidence }) => names.includes(name) && confidence >= leastConfidence);
  if (seen.length === 0) return undefined;
  return {
    x: seen.reduce((sum, { x }) => sum + x, 0) / seen.length,
    y: seen.reduce((sum, { y }) => sum + y, 0) / seen.length,
  };
};

export const shouldersOf = (pose: SeenPose) => placeOf(pose, ['left_shoulder', 'right_shoulder']);
export const hipsOf = (pose: SeenPose) => placeOf(pose, ['left_hip', 'right_hip']);
export const headOf = (pose: SeenPose) => placeOf(pose, ['nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear']);

/** Of the trunk against the vertical, 0 to 180 degrees; undefined: shoulders or hips are not seen. */
export const leanOf = (pose: SeenPose, aspect: number): number | undefined => {
  const [shoulders, hips] = [shouldersOf(pose), hipsOf(pose)];
  if (!shoulders || !hips) return undefined;
  const [x, y] = [(shoulders.x - hips.x) * aspect, hips.y - shoulders.y];
  if (Math.hypot(x, y) < 0.01) return undefined;
  return (Math.atan2(Math.abs(x), y) * 180) / Math.PI;
};

import type { Box } from '@hallhub/shared/vision';
import type { Picture } from '../pipeline/picture.js';

/** CIE L*a*b*, D65. */
export type Lab = readonly [number, number, number];

type Keypoints = readonly { name: string; x: number; y: number; confidence: number }[];

const leastPixels = 64;
const maxSamples = 2_000;

/** Delta E 76. */
export const distanceOf = (a: Lab, b: Lab): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** The median colour between shoulders and hips, by pose where there is one, else by the box. Undefined: too small to say. */
export const torsoColour = (
  picture: Pick<Picture, 'width' | 'height' | 'rgb'>,
  box: Box,
  poses?: readonly Keypoints[],
): Lab | undefined => {
  const [x, y, width, height] = torsoByPose(box, poses) ?? torsoByBox(box);
  const left = Math.max(0, Math.round(x * picture.width));
  const top = Math.max(0, Math.round(y * picture.height));
  const right = Math.min(picture.width, Math.round((x + width) * picture.width));
  const bottom = Math.min(picture.height, Math.round((y + height) * picture.height));
  const pixels = Math.max(0, right - left) * Math.max(0, bottom - top);
  if (pixels < leastPixels) return undefined;
  const step = Math.max(1, Math.floor(Math.sqrt(pixels / maxSamples)));
  const channels: [number[], number[], number[]] = [[], [], []];
  for (let row = top; row < bottom; row += step) {
    for (let column = left; column < right; column += step) {
      const at = (row * picture.width + column) * 3;
      for (const channel of [0, 1, 2] as const) channels[channel].push(picture.rgb[at + channel] ?? 0);
    }
  }
  return labOf(median(channels[0]), median(channels[1]), median(channels[2]));
};

const torsoByBox = ([x, y, width, height]: Box): Box => [
  x + width * 0.3,
  y + height * 0.22,
  width * 0.4,
  height * 0.28,
];

const torsoByPose = (box: Box, poses: readonly Keypoints[] = []): Box | undefined => {
  const [x, y, width, height] = box;
  for (const keypoints of poses) {
    const wanted = ['left_shoulder', 'right_shoulder', 'left_hip', 'right_hip'];
    const seen = keypoints.filter(({ name, confidence }) => wanted.includes(name) && confidence >= 0.3);
    const inside = seen.every((one) => one.x >= x && one.x <= x + width && one.y >= y && one.y <= y + height);
    if (seen.length < 4 || !inside) continue;
    const [xs, ys] = [seen.map((one) => one.x), seen.map((one) => one.y)];
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const inset = (right - left) * 0.15;
    return [left + inset, top + (bottom - top) * 0.1, right - left - 2 * inset, (bottom - top) * 0.7];
  }
  return undefined;
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const linear = (value: number): number => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
};

/** sRGB of 0 to 255 each. */
export const labOf = (red: number, green: number, blue: number): Lab => {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const f = (t: number) => (t > 216 / 24_389 ? Math.cbrt(t) : (t * (24_389 / 27) + 16) / 116);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
};

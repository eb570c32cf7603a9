import type { Box, VisionRule } from '@hallhub/shared/vision';
import type { EvidenceJob } from './evidence-job.js';
import { type PixelBox, pixelsOf, type RawPicture } from './raw-picture.js';

/** Of the overview's width and height, at least. */
const closeupShare = 0.16;
const closeupMargin = 0.25;

/** Around those who were seen, else the rule's own place; undefined: it is about the whole picture. */
export const closeupOf = (job: EvidenceJob, picture: RawPicture): PixelBox | undefined => {
  const box = around(job.seen.map(({ box: one }) => one)) ?? placeOf(job.rule);
  if (!box) return undefined;
  const [x, y, width, height] = box;
  const [w, h] = [
    Math.max(width * (1 + 2 * closeupMargin), closeupShare),
    Math.max(height * (1 + 2 * closeupMargin), closeupShare),
  ];
  if (w >= 0.9 && h >= 0.9) return undefined;
  const left = Math.min(Math.max(0, x + width / 2 - w / 2), Math.max(0, 1 - w));
  const top = Math.min(Math.max(0, y + height / 2 - h / 2), Math.max(0, 1 - h));
  return pixelsOf([left, top, Math.min(w, 1), Math.min(h, 1)], picture);
};

const around = (boxes: readonly Box[]): Box | undefined => {
  if (boxes.length === 0) return undefined;
  const left = Math.min(...boxes.map(([x]) => x));
  const top = Math.min(...boxes.map(([, y]) => y));
  const right = Math.max(...boxes.map(([x, , width]) => x + width));
  const bottom = Math.max(...boxes.map(([, y, , height]) => y + height));
  return [left, top, right - left, bottom - top];
};

const placeOf = (rule: VisionRule): Box | undefined => {
  const points = 'zone' in rule ? rule.zone : 'line' in rule ? rule.line : undefined;
  return points && around(points.map(([x, y]) => [x, y, 0, 0]));
};

import type { ModelOutput } from '../../models/model-card.js';
import type { Keypoint, Pose } from '../detector.js';
import { type Placement, pointToPicture, toPicture } from '../letterbox.js';
import { type InputSize, mismatch, type Outputs, tableOf } from './outputs.js';

type Card = Extract<ModelOutput, { decoder: 'movenet-multipose' }>;

/** Per person 17 times y, x and a score, then the box (top, left, bottom, right) and the person's score. */
const numbersOfPerson = 17 * 3 + 5;

export const decodeMovenetMultipose = (
  outputs: Outputs,
  card: Card,
  { input, placement, least }: { input: InputSize; placement: Placement; least: number },
): Pose[] => {
  const { data, rows, columns } = tableOf(outputs, card.output);
  if (columns !== numbersOfPerson) mismatch(`${card.output} has ${columns} numbers a person`);
  const poses: Pose[] = [];
  for (let person = 0; person < rows; person++) {
    const at = person * columns;
    const number = (i: number) => data[at + i]!;
    const confidence = number(55);
    if (!(confidence >= least)) continue;
    const keypoints = card.keypoints.map((name, i): Keypoint => {
      const point = pointToPicture(number(i * 3 + 1) * input.width, number(i * 3) * input.height, placement);
      return { name, ...point, confidence: number(i * 3 + 2) };
    });
    const [top, left, bottom, right] = [51, 52, 53, 54].map(number) as [number, number, number, number];
    const corners = [left * input.width, top * input.height, right * input.width, bottom * input.height] as const;
    poses.push({ box: toPicture(corners, placement), confidence, keypoints });
  }
  return poses.sort((a, b) => b.confidence - a.confidence);
};

import type { ModelOutput } from '../../models/model-card.js';
import type { Candidate } from '../keep-best.js';
import { type InputSize, mismatch, type Outputs, sigmoid, tableOf } from './outputs.js';

type Card = Extract<ModelOutput, { decoder: 'blazeface' }>;

const numbersOfPoints = 12;

/** Six points (eyes, nose, mouth, ears) as offsets from the anchor. */
const pointsOf = (data: Float32Array, from: number, anchorX: number, anchorY: number): number[] =>
  Array.from({ length: numbersOfPoints }, (_, i) => data[from + i]! + (i % 2 === 0 ? anchorX : anchorY));

/** BlazeFace: anchors of the input's size in the middle of each cell; offsets and sizes in pixels, scores before the sigmoid. */
export const decodeBlazeface = (outputs: Outputs, card: Card, input: InputSize, least: number): Candidate[] => {
  const found: Candidate[] = [];
  for (const { stride, anchors, ...names } of card.levels) {
    const [scores, boxes] = [tableOf(outputs, names.scores), tableOf(outputs, names.boxes)];
    const across = Math.ceil(input.width / stride);
    const cells = across * Math.ceil(input.height / stride);
    if (scores.data.length !== cells * anchors || boxes.rows !== cells * anchors) {
      mismatch(`stride ${stride} has ${scores.data.length} anchors`);
    }
    for (let i = 0; i < scores.data.length; i++) {
      const score = sigmoid(scores.data[i]!);
      if (score < least) continue;
      const cell = Math.floor(i / anchors);
      const at = i * boxes.columns;
      const x = ((cell % across) + 0.5) * stride + boxes.data[at]!;
      const y = (Math.floor(cell / across) + 0.5) * stride + boxes.data[at + 1]!;
      const [width, height] = [boxes.data[at + 2]!, boxes.data[at + 3]!];
      found.push({
        ...{ classIndex: 0, score },
        ...{ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 },
        ...(boxes.columns >= 16
          ? { points: pointsOf(boxes.data, at + 4, x - boxes.data[at]!, y - boxes.data[at + 1]!) }
          : {}),
      });
    }
  }
  return found;
};

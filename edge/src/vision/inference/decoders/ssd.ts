import type { ModelOutput } from '../../models/model-card.js';
import type { Candidate } from '../keep-best.js';
import { bestOf } from './nanodet.js';
import { type InputSize, mismatch, type Outputs, tableOf } from './outputs.js';

type Card = Extract<ModelOutput, { decoder: 'ssd' }>;
type Rows = Extract<ModelOutput, { decoder: 'rows' }>;

/** Corners of boxes, with either one score and one class a box or a score for each box and class. */
export const decodeSsd = (outputs: Outputs, card: Card, input: InputSize, least: number): Candidate[] => {
  const boxes = tableOf(outputs, card.boxes);
  const scores = tableOf(outputs, card.scores);
  const classes = card.classes === undefined ? undefined : tableOf(outputs, card.classes);
  const count = boxes.data.length / 4;
  const width = scores.data.length / count;
  if (boxes.columns !== 4 || !Number.isInteger(width) || (classes && classes.data.length !== count)) {
    mismatch('boxes, scores and classes are not as many');
  }
  const [unitX, unitY] = card.units === 'pixels' ? [1, 1] : [input.width, input.height];
  const [left, top] = card.corners === 'xyxy' ? [0, 1] : [1, 0];
  const found: Candidate[] = [];
  for (let box = 0; box < count; box++) {
    const best = classes
      ? { classIndex: Math.round(classes.data[box]!) - card.firstClass, score: scores.data[box]! }
      : bestOf(scores.data, box * width + card.firstClass, width - card.firstClass);
    if (best.score < least || best.classIndex < 0) continue;
    const side = (i: number) => boxes.data[box * 4 + i]!;
    found.push({
      ...best,
      ...{ left: side(left) * unitX, top: side(top) * unitY },
      ...{ right: side(left + 2) * unitX, bottom: side(top + 2) * unitY },
    });
  }
  return found;
};

/** Finished rows: left, top, right, bottom, score, class. */
export const decodeRows = (outputs: Outputs, card: Rows, input: InputSize, least: number): Candidate[] => {
  const { data, rows, columns } = tableOf(outputs, card.output);
  if (columns !== 6) mismatch(`${card.output} has ${columns} numbers a box`);
  const [unitX, unitY] = card.units === 'pixels' ? [1, 1] : [input.width, input.height];
  const found: Candidate[] = [];
  for (let at = 0; at < rows * columns; at += columns) {
    const score = data[at + 4]!;
    const classIndex = Math.round(data[at + 5]!) - card.firstClass;
    if (score < least || classIndex < 0) continue;
    found.push({
      ...{ classIndex, score },
      ...{ left: data[at]! * unitX, top: data[at + 1]! * unitY },
      ...{ right: data[at + 2]! * unitX, bottom: data[at + 3]! * unitY },
    });
  }
  return found;
};

import type { ModelOutput } from '../../models/model-card.js';
import type { Candidate } from '../keep-best.js';
import { bestOf } from './nanodet.js';
import { type InputSize, mismatch, type Outputs, tableOf } from './outputs.js';

type Yolo = Extract<ModelOutput, { decoder: 'yolo' }>;
type Yolox = Extract<ModelOutput, { decoder: 'yolox' }>;

const centred = (x: number, y: number, width: number, height: number) => ({
  left: x - width / 2,
  top: y - height / 2,
  right: x + width / 2,
  bottom: y + height / 2,
});

/** Exported YOLOv5 to v11: centre, size, (objectness,) classes; already in pixels or fractions of the input. */
export const decodeYolo = (outputs: Outputs, card: Yolo, input: InputSize, least: number): Candidate[] => {
  const table = tableOf(outputs, card.output);
  const isRows = card.rows === 'boxes';
  const [boxes, values] = isRows ? [table.rows, table.columns] : [table.columns, table.rows];
  const { data } = table;
  const at = isRows
    ? (box: number, i: number) => data[box * values + i]!
    : (box: number, i: number) => data[i * boxes + box]!;
  const first = card.objectness ? 5 : 4;
  if (values <= first) mismatch(`${card.output} has ${values} numbers a box`);
  const [unitX, unitY] = card.units === 'pixels' ? [1, 1] : [input.width, input.height];
  const found: Candidate[] = [];
  for (let box = 0; box < boxes; box++) {
    const presence = card.objectness ? at(box, 4) : 1;
    if (presence < least) continue;
    let [classIndex, best] = [0, Number.NEGATIVE_INFINITY];
    for (let i = first; i < values; i++) {
      const score = at(box, i);
      if (score > best) [classIndex, best] = [i - first, score];
    }
    const score = best * presence;
    if (score < least) continue;
    found.push({
      ...{ classIndex, score },
      ...centred(at(box, 0) * unitX, at(box, 1) * unitY, at(box, 2) * unitX, at(box, 3) * unitY),
    });
  }
  return found;
};

/** YOLOX without its own decoding: offsets in cells, the logarithm of sizes in strides, objectness, classes. */
export const decodeYolox = (outputs: Outputs, card: Yolox, input: InputSize, least: number): Candidate[] => {
  const { data, rows, columns } = tableOf(outputs, card.output);
  if (columns <= 5) mismatch(`${card.output} has ${columns} numbers a box`);
  const cells = card.strides.flatMap((stride) => {
    const [across, down] = [Math.ceil(input.width / stride), Math.ceil(input.height / stride)];
    return Array.from({ length: across * down }, (_, i) => ({ stride, x: i % across, y: Math.floor(i / across) }));
  });
  if (cells.length !== rows) mismatch(`${card.output} has ${rows} cells, its strides ${cells.length}`);
  return cells.flatMap(({ stride, x, y }, row) => {
    const at = row * columns;
    const presence = data[at + 4]!;
    if (presence < least) return [];
    const best = bestOf(data, at + 5, columns - 5);
    const score = best.score * presence;
    if (score < least) return [];
    const [width, height] = [Math.exp(data[at + 2]!) * stride, Math.exp(data[at + 3]!) * stride];
    const box = centred((data[at]! + x) * stride, (data[at + 1]! + y) * stride, width, height);
    return [{ classIndex: best.classIndex, score, ...box }];
  });
};

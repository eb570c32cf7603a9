import type { ModelOutput } from '../../models/model-card.js';
import type { Candidate } from '../keep-best.js';
import { decodeBlazeface } from './blazeface.js';
import { decodeNanodet } from './nanodet.js';
import type { InputSize, OutputShapes, Outputs } from './outputs.js';
import { decodeRows, decodeSsd } from './ssd.js';
import { decodeYolo, decodeYolox } from './yolo.js';

export { decodeMovenetMultipose } from './movenet-multipose.js';
export type { InputSize, OutputShapes, Outputs } from './outputs.js';

export type BoxOutput = Exclude<ModelOutput, { decoder: 'movenet-multipose' | 'embedding' }>;

/** Boxes of all that is at least `least` sure, in pixels of the input, before repeats are taken out. */
export const decodeBoxes = (outputs: Outputs, card: BoxOutput, input: InputSize, least: number): Candidate[] => {
  switch (card.decoder) {
    case 'nanodet':
    case 'nanodet-joined':
      return decodeNanodet(outputs, card, input, least);
    case 'yolo':
      return decodeYolo(outputs, card, input, least);
    case 'yolox':
      return decodeYolox(outputs, card, input, least);
    case 'ssd':
      return decodeSsd(outputs, card, input, least);
    case 'rows':
      return decodeRows(outputs, card, input, least);
    case 'blazeface':
      return decodeBlazeface(outputs, card, input, least);
  }
};

/** Names of outputs that the card needs. */
export const outputsNeeded = (card: ModelOutput): string[] => {
  switch (card.decoder) {
    case 'nanodet':
    case 'blazeface':
      return card.levels.flatMap(({ scores, boxes }) => [scores, boxes]);
    case 'ssd':
      return [card.boxes, card.scores, ...(card.classes === undefined ? [] : [card.classes])];
    default:
      return [card.output];
  }
};

/** How many classes the model tells apart, as far as its file says; undefined where only its results show it. */
export const classesOf = (card: ModelOutput, shapes: OutputShapes): number | undefined => {
  const last = (name: string | undefined) => (name === undefined ? undefined : shapes[name]?.at(-1));
  const less = (size: number | undefined, by: number) => (size === undefined ? undefined : size - by);
  switch (card.decoder) {
    case 'nanodet':
      return last(card.levels[0]?.scores);
    case 'nanodet-joined':
      return less(last(card.output), card.bins * 4);
    case 'yolo': {
      const size = shapes[card.output]?.at(card.rows === 'boxes' ? -1 : -2);
      return less(size, card.objectness ? 5 : 4);
    }
    case 'yolox':
      return less(last(card.output), 5);
    case 'ssd':
      return card.classes === undefined ? less(last(card.scores), card.firstClass) : undefined;
    default:
      return undefined;
  }
};

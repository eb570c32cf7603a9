import type { ModelOutput } from '../../models/model-card.js';
import type { Candidate } from '../keep-best.js';
import { type InputSize, mismatch, type Outputs, tableOf } from './outputs.js';

type Card = Extract<ModelOutput, { decoder: 'nanodet' | 'nanodet-joined' }>;

/** The cells of one stride: where their scores and side distances begin in the model's numbers. */
interface Level {
  readonly stride: number;
  readonly rows: number;
  readonly classes: number;
  readonly scores: Float32Array;
  readonly scoreAt: (row: number) => number;
  readonly sides: Float32Array;
  readonly sideAt: (row: number) => number;
}

/**
 * NanoDet (generalised focal loss): each cell has a probability for each class, and for each side of its box a
 * distribution over `bins` distances in strides, whose mean is the distance.
 */
export const decodeNanodet = (outputs: Outputs, card: Card, input: InputSize, least: number): Candidate[] => {
  const found: Candidate[] = [];
  for (const level of levelsOf(outputs, card, input)) {
    const across = Math.ceil(input.width / level.stride);
    if (level.rows !== across * Math.ceil(input.height / level.stride)) {
      mismatch(`stride ${level.stride} has ${level.rows} cells`);
    }
    for (let row = 0; row < level.rows; row++) {
      const { classIndex, score } = bestOf(level.scores, level.scoreAt(row), level.classes);
      if (score < least) continue;
      const x = ((row % across) + card.centre) * level.stride;
      const y = (Math.floor(row / across) + card.centre) * level.stride;
      const [left, top, right, bottom] = [0, 1, 2, 3].map(
        (side) => meanOf(level.sides, level.sideAt(row) + side * card.bins, card.bins) * level.stride,
      ) as [number, number, number, number];
      found.push({ classIndex, score, left: x - left, top: y - top, right: x + right, bottom: y + bottom });
    }
  }
  return found;
};

const levelsOf = (outputs: Outputs, card: Card, input: InputSize): Level[] => {
  const width = card.bins * 4;
  if (card.decoder === 'nanodet') {
    return card.levels.map(({ stride, ...names }) => {
      const [scores, boxes] = [tableOf(outputs, names.scores), tableOf(outputs, names.boxes)];
      if (boxes.columns !== width || boxes.rows !== scores.rows) mismatch(`${names.boxes} is not ${width} wide`);
      return {
        ...{ stride, rows: scores.rows, classes: scores.columns, scores: scores.data, sides: boxes.data },
        scoreAt: (row) => row * scores.columns,
        sideAt: (row) => row * width,
      };
    });
  }
  const { data, rows, columns } = tableOf(outputs, card.output);
  if (columns <= width) mismatch(`${card.output} is ${columns} wide`);
  let first = 0;
  const levels = card.strides.map((stride): Level => {
    const from = first;
    const count = Math.ceil(input.width / stride) * Math.ceil(input.height / stride);
    first += count;
    return {
      ...{ stride, rows: count, classes: columns - width, scores: data, sides: data },
      scoreAt: (row) => (from + row) * columns,
      sideAt: (row) => (from + row) * columns + columns - width,
    };
  });
  if (first !== rows) mismatch(`${card.output} has ${rows} cells, its strides ${first}`);
  return levels;
};

export const bestOf = (scores: Float32Array, from: number, count: number): { classIndex: number; score: number } => {
  let classIndex = 0;
  let score = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const one = scores[from + i] as number;
    if (one > score) {
      score = one;
      classIndex = i;
    }
  }
  return { classIndex, score };
};

/** Mean of 0, 1, 2 … weighted by the softmax of the numbers. */
const meanOf = (numbers: Float32Array, from: number, count: number): number => {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) highest = Math.max(highest, numbers[from + i] as number);
  let [sum, weighted] = [0, 0];
  for (let i = 0; i < count; i++) {
    const weight = Math.exp((numbers[from + i] as number) - highest);
    sum += weight;
    weighted += weight * i;
  }
  return weighted / sum;
};

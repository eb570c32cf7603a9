import t from 'tap';
import type { ModelOutput } from '../../models/model-card.js';
import { placePicture } from '../letterbox.js';
import { type BoxOutput, classesOf, decodeBoxes, decodeMovenetMultipose, type Outputs } from './index.js';

const input = { width: 32, height: 16 };
const output = (shape: number[], data: readonly number[] = []) => {
  const numbers = new Float32Array(shape.reduce((a, b) => a * b, 1));
  numbers.set(data);
  return { shape, data: numbers };
};
/** An output of zeros but for some places. */
const sparse = (shape: number[], places: Readonly<Record<number, number>>) => {
  const made = output(shape);
  for (const [at, value] of Object.entries(places)) made.data[Number(at)] = value;
  return made;
};
const only = (card: BoxOutput, outputs: Outputs, least = 0.5) => {
  const found = decodeBoxes(outputs, card, input, least).map((one) => ({
    ...one,
    ...{ score: Number(one.score.toFixed(4)), left: round(one.left), top: round(one.top) },
    ...{ right: round(one.right), bottom: round(one.bottom) },
  }));
  return found.length === 1 ? found[0] : found;
};
const round = (value: number) => Number(value.toFixed(3));

t.test('NanoDet: distances are the mean of their bins', async (t) => {
  const card: BoxOutput = {
    decoder: 'nanodet',
    bins: 3,
    centre: 0.5,
    levels: [{ stride: 8, scores: 's', boxes: 'b' }],
  };
  // Cell 5 is in row 1, column 1: its middle is 12, 12. Left: certainly 1; top: even; right: certainly 2; bottom: 0.
  const sides = { 60: -99, 61: 99, 62: -99, 66: -99, 67: -99, 68: 99, 69: 99, 70: -99, 71: -99 };
  const outputs = { s: sparse([1, 8, 2], { 11: 0.75, 0: 0.4 }), b: sparse([1, 8, 12], sides) };
  t.same(only(card, outputs), { classIndex: 1, score: 0.75, left: 4, top: 4, right: 28, bottom: 12 });
  t.throws(() => only(card, { s: outputs.s, b: output([1, 7, 12]) }), { code: 'configuration' });
  t.throws(() => only(card, { s: outputs.s }), { code: 'configuration', message: /no output b/ });
  const joined: BoxOutput = { decoder: 'nanodet-joined', bins: 3, centre: 0, output: 'o', strides: [8, 16] };
  // Row 9 is the second cell of stride 16: column 1 of row 0.
  const row = 9 * 14;
  const all = sparse([1, 10, 14], { [row + 1]: 0.9 });
  t.same(only(joined, { o: all }), { classIndex: 1, score: 0.9, left: 0, top: -16, right: 32, bottom: 16 });
  t.throws(() => only(joined, { o: output([1, 11, 14]) }), { code: 'configuration' });
});

t.test('YOLO: rows or columns, with or without objectness, pixels or fractions', async (t) => {
  const v5: BoxOutput = { decoder: 'yolo', output: 'o', objectness: true, rows: 'boxes', units: 'pixels' };
  const rows = output([1, 2, 7], [16, 8, 8, 4, 0.9, 0.1, 0.8, 1, 1, 2, 2, 0.4, 1, 1]);
  t.same(only(v5, { o: rows }), { classIndex: 1, score: 0.72, left: 12, top: 6, right: 20, bottom: 10 });
  const v8: BoxOutput = { decoder: 'yolo', output: 'o', objectness: false, rows: 'values', units: 'fractions' };
  const columns = output([1, 6, 2], [0.5, 0.1, 0.5, 0.1, 0.25, 0.1, 0.25, 0.1, 0.6, 0.2, 0.1, 0.3]);
  t.same(only(v8, { o: columns }), { classIndex: 0, score: 0.6, left: 12, top: 6, right: 20, bottom: 10 });
});

t.test('YOLOX: from cells and strides', async (t) => {
  const card: BoxOutput = { decoder: 'yolox', output: 'o', strides: [8, 16] };
  const at = 6 * 7;
  const data = sparse([1, 10, 7], { [at]: 0.5, [at + 1]: 0.25, [at + 2]: Math.log(2), [at + 4]: 0.8, [at + 6]: 1 });
  // Cell 6: column 2 of row 1.
  t.same(only(card, { o: data }), { classIndex: 1, score: 0.8, left: 12, top: 6, right: 28, bottom: 14 });
});

t.test('SSD: one class a box, or scores for each, with a background', async (t) => {
  const base = { decoder: 'ssd', boxes: 'b', scores: 's', units: 'fractions' } as const;
  const boxes = output([1, 2, 4], [0.25, 0.125, 0.75, 0.5, 0, 0, 1, 1]);
  const one: BoxOutput = { ...base, classes: 'c', corners: 'yxyx', firstClass: 1 };
  const outputs = { b: boxes, s: output([1, 2], [0.8, 0.1]), c: output([1, 2], [3, 1]) };
  t.same(only(one, outputs), { classIndex: 2, score: 0.8, left: 4, top: 4, right: 16, bottom: 12 });
  const each: BoxOutput = { ...base, corners: 'xyxy', firstClass: 1 };
  const scores = output([1, 2, 3], [0.9, 0.05, 0.7, 1, 0, 0]);
  t.same(only(each, { b: boxes, s: scores }), { classIndex: 1, score: 0.7, left: 8, top: 2, right: 24, bottom: 8 });
});

t.test('finished rows are taken as they are', async (t) => {
  const card: BoxOutput = { decoder: 'rows', output: 'o', units: 'pixels', firstClass: 0 };
  const rows = output([1, 2, 6], [1, 2, 11, 12, 0.75, 5, 0, 0, 0, 0, 0.25, 0]);
  t.same(only(card, { o: rows }), { classIndex: 5, score: 0.75, left: 1, top: 2, right: 11, bottom: 12 });
  t.throws(() => only(card, { o: output([1, 2, 7]) }), { code: 'configuration' });
});

t.test('BlazeFace: anchors in the middle of cells', async (t) => {
  const card: BoxOutput = { decoder: 'blazeface', levels: [{ stride: 16, anchors: 2, scores: 's', boxes: 'b' }] };
  const outputs = {
    s: output([1, 4, 1], [-9, -9, -9, 3]),
    b: sparse([1, 4, 16], { 48: 1, 49: 2, 50: 8, 51: 4, 52: -2, 53: 3, 62: 5 }),
  };
  const points = [22, 11, 24, 8, 24, 8, 24, 8, 24, 8, 29, 8];
  t.same(only(card, outputs), { classIndex: 0, score: 0.9526, left: 21, top: 8, right: 29, bottom: 12, points });
});

t.test('MoveNet: people, their joints in the picture', async (t) => {
  const keypoints = Array.from({ length: 17 }, (_, i) => `joint-${i}`);
  const card: Extract<ModelOutput, { decoder: 'movenet-multipose' }> = {
    decoder: 'movenet-multipose',
    output: 'o',
    keypoints,
  };
  const size = { width: 256, height: 256 };
  const person = [...Array.from({ length: 17 }, () => [0.5, 0.25, 0.9]).flat(), 0.25, 0, 0.75, 0.5, 0.8];
  const outputs = { o: output([1, 6, 56], person) };
  // A picture twice as wide as high lies between 64 and 192.
  const placement = placePicture({ width: 400, height: 200 }, { ...size, fit: 'letterbox', place: 'centre' });
  const poses = decodeMovenetMultipose(outputs, card, { input: size, placement, least: 0.3 });
  t.equal(poses.length, 1);
  t.match(poses[0], { box: [0, 0, 0.5, 1], keypoints: [{ name: 'joint-0', x: 0.25, y: 0.5 }] });
  t.throws(() => decodeMovenetMultipose({ o: output([1, 6, 55]) }, card, { input: size, placement, least: 0.3 }));
});

t.test('how many classes a file says it has', async (t) => {
  const base = { units: 'pixels', objectness: false } as const;
  t.equal(classesOf({ ...base, decoder: 'yolo', output: 'o', rows: 'values' }, { o: [1, 84, undefined] }), 80);
  t.equal(classesOf({ ...base, decoder: 'yolo', output: 'o', rows: 'boxes' }, { o: [1, 8400, undefined] }), undefined);
  t.equal(classesOf({ decoder: 'yolox', output: 'o', strides: [8] }, { o: [1, 8400, 85] }), 80);
});

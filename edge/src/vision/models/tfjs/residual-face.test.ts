import t from 'tap';
import { OnnxSession } from '../../inference/onnx-session.js';
import { convertGraph } from '../convert/convert-graph.js';
import type { ConstantTensor } from '../convert/tensor.js';
import type { ModelInput } from '../model-card.js';
import { encodeOnnx } from '../onnx/onnx-model.js';
import { residualFaceGraph } from './residual-face.js';

const side = 150;
/** Channels of each block, and of what comes into it. */
const blocks: [string, number, number][] = [
  ...[1, 2, 3].map((n): [string, number, number] => [`conv32_${n}`, 32, 32]),
  ['conv64_down', 32, 64],
  ...[1, 2, 3].map((n): [string, number, number] => [`conv64_${n}`, 64, 64]),
  ['conv128_down', 64, 128],
  ...[1, 2].map((n): [string, number, number] => [`conv128_${n}`, 128, 128]),
  ['conv256_down', 128, 256],
  ...['conv256_1', 'conv256_2', 'conv256_down_out'].map((name): [string, number, number] => [name, 256, 256]),
];

/** All filters are zero: what comes out is what goes past them, so each frame and each mean can be reckoned by hand. */
const weights = (): Map<string, ConstantTensor> => {
  const all = new Map<string, ConstantTensor>();
  const put = (name: string, shape: number[], value: (i: number) => number) => {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i));
    all.set(name, { type: 'float32', shape, data });
  };
  const convolution = (name: string, size: number, [from, to]: [number, number], shift: number) => {
    put(`${name}/conv/filters`, [size, size, from, to], () => 0);
    put(`${name}/conv/bias`, [to], () => 0);
    put(`${name}/scale/weights`, [to], () => 1);
    put(`${name}/scale/biases`, [to], () => shift);
  };
  convolution('conv32_down', 7, [3, 32], 1);
  for (const [name, from, to] of blocks) {
    convolution(`${name}/conv1`, 3, [from, to], 0);
    convolution(`${name}/conv2`, 3, [to, to], 0);
  }
  // The first number takes the mean of the first channel, the second that of the last.
  put('fc', [256, 128], (i) => (i === 0 || i === 255 * 128 + 1 ? 1 : 0));
  return all;
};

t.test('blocks halve, deepen and are framed as dlib’s network does', async (t) => {
  const onnx = encodeOnnx(convertGraph(residualFaceGraph(weights(), side), { name: 'still' }));
  const input: ModelInput = {
    ...{ name: 'input', width: side, height: side, layout: 'nhwc', type: 'float32', colours: 'rgb' },
    ...{ mean: [0, 0, 0], std: [1, 1, 1], fit: 'letterbox', place: 'centre', fill: 0 },
  };
  await using session = await OnnxSession.open(onnx, {
    names: ['embedding'],
    input: { ...input, mean: [0, 0, 0], std: [1, 1, 1] },
  });
  const { embedding } = await session.run(new Float32Array(side * side * 3));
  t.same(embedding?.shape, [1, 128]);
  // 1 goes past every block; channels that a block adds hold zeros. The end is 2 x 2 with one framed by nothing.
  t.equal(embedding?.data[0], 1);
  t.equal(embedding?.data[1], 0);
});

t.test('weights that are not the network’s are refused by name', async (t) => {
  const all = weights();
  all.delete('conv128_1/conv2/scale/biases');
  t.throws(() => residualFaceGraph(all, side), {
    code: 'invalid_input',
    message: /conv128_1\/conv2\/scale\/biases is missing/,
  });
  const other = weights();
  other.set('fc', { type: 'float32', shape: [2, 2], data: new Float32Array(4) });
  t.throws(() => residualFaceGraph(other, side), { message: /fc is 2 x 2/ });
});

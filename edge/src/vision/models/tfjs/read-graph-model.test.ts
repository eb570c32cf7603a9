import fc from 'fast-check';
import t from 'tap';
import { floatOfHalf, readGraphModel } from './read-graph-model.js';

const model = (weights: object[], more: object = {}) =>
  JSON.stringify({
    format: 'graph-model',
    modelTopology: {
      node: [
        { name: 'x', op: 'Placeholder' },
        { name: 'y', op: 'Relu', input: ['x', '^z'] },
      ],
    },
    weightsManifest: [{ paths: ['w'], weights }],
    ...more,
  });

t.test('16-bit floats are read exactly', async (t) => {
  for (const [half, value] of [
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65_504],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x7c00, Number.POSITIVE_INFINITY],
    [0xfc00, Number.NEGATIVE_INFINITY],
    [0x3555, 0.333251953125],
  ] as const)
    t.equal(floatOfHalf(half), value, half.toString(16));
  t.ok(Number.isNaN(floatOfHalf(0x7e00)));
});

t.test('weights become 32-bit numbers whatever they were kept as', async (t) => {
  const bytes = new Uint8Array([0, 128, 255, 0x00, 0x3c, 7, 0, 0, 0, 1, 0]);
  const { constants } = readGraphModel(
    model([
      { name: 'a', shape: [3], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
      { name: 'b', shape: [], dtype: 'float32', quantization: { dtype: 'float16' } },
      { name: 'c', shape: [1], dtype: 'int32' },
      { name: 'd', shape: [2], dtype: 'bool' },
      { name: 'e', shape: [0, 4], dtype: 'int32' },
    ]),
    bytes,
  );
  t.same(
    [...constants.values()].map(({ data }) => [...data]),
    [[-1, 63, 126.5], [1], [7], [1, 0], []],
  );
});

t.test('without a signature the outputs are what nobody reads; control inputs are none', async (t) => {
  const { outputs, nodes } = readGraphModel(model([]), new Uint8Array());
  t.same(outputs, ['y']);
  t.same(nodes.get('y')?.inputs, ['x']);
});

t.test('what is no model is refused and never crashes', async (t) => {
  t.throws(() => readGraphModel('{', new Uint8Array()), { code: 'invalid_input' });
  t.throws(() => readGraphModel('{"format":"layers-model"}', new Uint8Array()), { code: 'invalid_input' });
  const weights = [{ name: 'a', shape: [3], dtype: 'float32' }];
  t.throws(() => readGraphModel(model(weights), new Uint8Array(11)), { message: /shorter/ });
  t.throws(() => readGraphModel(model(weights), new Uint8Array(13)), { message: /longer/ });
  fc.assert(
    fc.property(fc.json(), (json) => {
      try {
        readGraphModel(json, new Uint8Array());
        return false;
      } catch (error) {
        return (error as { code?: string }).code === 'invalid_input';
      }
    }),
  );
});

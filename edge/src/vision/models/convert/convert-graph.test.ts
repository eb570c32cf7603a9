import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import t from 'tap';
import { encodeOnnx, type OnnxGraph } from '../onnx/onnx-model.js';
import { readGraphModel } from '../tfjs/read-graph-model.js';
import { filesOf, inputNumbers, type OpCase, opCases } from './__fixtures__/op-cases.js';
import { convertGraph } from './convert-graph.js';

/** By TensorFlow.js: __fixtures__/make-op-vectors.ts. */
const vectors: Record<string, number[][]> = JSON.parse(
  readFileSync(new URL('./__fixtures__/op-vectors.json', import.meta.url), 'utf8'),
);

const convert = (one: OpCase): OnnxGraph => {
  const { json, bytes } = filesOf(one);
  return convertGraph(readGraphModel(json, bytes), { name: 'case' });
};

const caseOf = (name: string): OpCase => opCases.find((one) => one.name === name) as OpCase;

const run = async (one: OpCase): Promise<number[][]> => {
  const session = await InferenceSession.create(encodeOnnx(convert(one)), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const { shape, type = 'float32' } = one.input;
  const numbers = inputNumbers(one.input);
  const data = type === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
  const results = await session.run({ x: new Tensor(type, data as never, [...shape]) });
  const outputs = one.outputs.map((name) => Array.from(results[name]?.data as Float32Array, Number));
  await session.release();
  return outputs;
};

for (const one of opCases) {
  t.test(`as TensorFlow.js has it: ${one.name}`, async (t) => {
    const outputs = await run(one);
    const expected = vectors[one.name] as number[][];
    t.same(
      outputs.map((data) => data.length),
      expected.map((data) => data.length),
    );
    const far = expected.flatMap((data, i) =>
      data.flatMap((value, k) => {
        const got = outputs[i]?.[k] as number;
        return Math.abs(got - value) <= 1e-5 * Math.max(1, Math.abs(value)) ? [] : [{ i, k, got, value }];
      }),
    );
    t.same(far.slice(0, 5), []);
  });
}

t.test('a graph in channels-first order keeps no transposition but the one it ends with', async (t) => {
  const { nodes } = convert(caseOf('a graph that another converter left in channels-first order'));
  t.equal(nodes.filter(({ op }) => op === 'Transpose').length, 1);
  t.notOk(
    nodes.some(({ op }) => op === 'Pad'),
    'frames went into what reads them',
  );
});

t.test('what depends on shapes alone is reckoned while converting', async (t) => {
  const { nodes } = convert(caseOf('a grid reckoned from the shape of a picture'));
  t.same(
    nodes.map(({ op }) => op),
    ['Add', 'Identity'],
  );
});

t.test('the same model gives the same bytes', async (t) => {
  const one = caseOf('fewer axes beside a picture in channels-first order');
  t.same(encodeOnnx(convert(one)), encodeOnnx(convert(one)));
});

t.test('what it cannot do it names', async (t) => {
  const base = caseOf('a softmax');
  const node = base.nodes[0]!;
  const bad =
    (nodes: OpCase['nodes'], more: Partial<OpCase> = {}) =>
    () =>
      convert({ ...base, ...more, nodes });
  t.throws(bad([{ ...node, op: 'NonMaxSuppressionV5' }]), {
    code: 'unsupported',
    message: /NonMaxSuppressionV5 "out"/,
  });
  t.throws(bad([{ ...node, input: ['y'] }]), { code: 'invalid_input', message: /y/ });
  t.throws(bad([{ ...node, input: ['x:3'] }]), { code: 'invalid_input', message: /x:3/ });
  t.throws(
    bad([
      { ...node, input: ['ring'] },
      { name: 'ring', op: 'Relu', input: ['out'] },
    ]),
    { code: 'invalid_input', message: /itself/ },
  );
  t.throws(bad([node], { input: { shape: [0, 7] } }), { code: 'invalid_input', message: /leaves open/ });
  t.throws(bad([{ name: 'out', op: 'Reshape', input: ['x', 'x'] }]), { code: 'unsupported', message: /constant/ });
});

// Reckons op-vectors.json anew with TensorFlow.js (edge/models/make-vectors.ts says how to get it):
//   node --import=tsx --conditions=hallhub-source edge/src/vision/models/convert/__fixtures__/make-op-vectors.ts DIR
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { filesOf, inputNumbers, opCases } from './op-cases.js';

const need = createRequire(path.resolve(process.argv[2] ?? '.', 'index.js'));
const tf = need('@tensorflow/tfjs-core');
need('@tensorflow/tfjs-backend-cpu');
const { loadGraphModel } = need('@tensorflow/tfjs-converter');
await tf.setBackend('cpu');

const vectors: Record<string, number[][]> = {};
for (const one of opCases) {
  const { json, bytes } = filesOf(one);
  const { modelTopology, weightsManifest, format } = JSON.parse(json);
  const model = await loadGraphModel({
    load: async () => ({
      ...{ modelTopology, format, weightSpecs: weightsManifest[0].weights },
      weightData: Uint8Array.from(bytes).buffer,
    }),
  });
  const { shape, type = 'float32' } = one.input;
  const results = [model.execute({ x: tf.tensor(inputNumbers(one.input), shape, type) }, [...one.outputs])].flat();
  vectors[one.name] = [];
  for (const result of results) {
    vectors[one.name]?.push(Array.from(await result.data(), (value) => Number((value as number).toPrecision(7))));
  }
  console.log(one.name, results.map((result) => result.shape.join('x')).join(' '));
}
writeFileSync(new URL('./op-vectors.json', import.meta.url), `${JSON.stringify(vectors)}\n`);

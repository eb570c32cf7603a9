// Reckons edge/models/parity/*.json anew with TensorFlow.js, which is no dependency of the unit:
//   npm install --prefix DIR @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-converter@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
//   node --import=tsx --conditions=hallhub-source edge/models/make-vectors.ts DIR PACKAGE.tgz …
// Cards whose package is not among those named are left as they are.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { outputsNeeded } from '../src/vision/inference/decoders/index.js';
import { Letterbox } from '../src/vision/inference/letterbox.js';
import type { CatalogueCard } from '../src/vision/models/model-card.js';
import type { ParityVectors } from '../src/vision/models/parity/parity.js';
import { testPicture } from '../src/vision/models/parity/test-picture.js';
import { readTar } from '../src/vision/models/pull/read-tar.js';
import { catalogueFolder, readCards } from '../src/vision/models/read-cards.js';

const [folder, ...packages] = process.argv.slice(2);
if (!folder || packages.length === 0) throw new Error('usage: make-vectors.ts DIR_WITH_TFJS PACKAGE.tgz …');
const need = createRequire(path.resolve(folder, 'index.js'));
const tf = need('@tensorflow/tfjs-core');
need('@tensorflow/tfjs-backend-cpu');
const { loadGraphModel } = need('@tensorflow/tfjs-converter');
await tf.setBackend('cpu');

const samples = 120;
const byIntegrity = new Map(
  packages.map((file) => [`sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`, file]),
);

/** The package's own program reckons, on the CPU in place of the native library that it asks for. */
const runOwnProgram = async (card: CatalogueCard, program: Uint8Array, json, weights: Uint8Array) => {
  const stub = path.join(folder, 'node_modules/@tensorflow/tfjs-node');
  mkdirSync(stub, { recursive: true });
  writeFileSync(
    path.join(stub, 'index.js'),
    "const tf = require('@tensorflow/tfjs-core');\nmodule.exports = { ...tf, version: { tfjs: tf.version_core } };\n",
  );
  // Chained operations come with the native library alone.
  for (const op of ['div', 'mean', 'sub'])
    tf.Tensor.prototype[op] ??= function (...rest) {
      return tf[op](this, ...rest);
    };
  const file = path.resolve(folder, `${card.id}.js`);
  writeFileSync(file, program);
  const { FaceRecognitionNet } = need(file);
  const net = new FaceRecognitionNet();
  net.loadFromWeightMap(
    tf.io.decodeWeights(
      weights.slice().buffer,
      json.flatMap((group) => group.weights),
    ),
  );
  const { width, height } = card.input;
  // It takes off means and scale by itself.
  const picture = tf.tensor(Float32Array.from(testPicture(width, height).rgb), [1, height, width, 3]);
  return [net.forwardInput({ toBatchTensor: () => picture })];
};

for (const card of readCards(path.join(folder, 'none')).catalogue.values()) {
  const packed = byIntegrity.get(card.source.integrity);
  if (!packed) continue;
  const [graphFile, weightsFile] = [card.source.graph.path, card.source.weights.path].map((file) => `package/${file}`);
  const programFile = 'package/dist/face-api.node.js';
  const files = await readTar(createReadStream(packed).pipe(createGunzip()), {
    wanted: [graphFile, weightsFile, ...(card.source.network ? [programFile] : [])],
    maxFileBytes: 2 ** 29,
  });
  const json = JSON.parse(Buffer.from(files.get(graphFile)).toString('utf8'));
  const wanted = outputsNeeded(card.output);
  const results = card.source.network
    ? await runOwnProgram(card, files.get(programFile), json, files.get(weightsFile))
    : await runGraph(card, json, files.get(weightsFile), wanted);
  const outputs: ParityVectors['outputs'] = {};
  for (const [i, output] of wanted.entries()) {
    const data = await results[i].data();
    // A step that shares no factor with the length comes by every row and column.
    let every = Math.max(1, Math.floor(data.length / samples));
    while (every > 1 && gcd(every, data.length) > 1) every--;
    const count = Math.min(samples, data.length);
    outputs[output] = {
      length: data.length,
      every,
      values: Array.from({ length: count }, (_, n) => data[(n * every) % data.length]),
    };
  }
  const at = path.join(catalogueFolder(), 'parity');
  mkdirSync(at, { recursive: true });
  const program = card.source.network ? `${card.source.package} ${card.source.packageVersion} on ` : '';
  const vectors: ParityVectors = { reference: `${program}@tensorflow/tfjs ${tf.version_core}, cpu`, outputs };
  writeFileSync(path.join(at, `${card.id}.json`), `${JSON.stringify(vectors, null, 1)}\n`);
  console.log(card.id, Object.keys(outputs).length, 'outputs');
}

async function runGraph(card: CatalogueCard, json, weights: Uint8Array, wanted: readonly string[]) {
  const model = await loadGraphModel({
    load: async () => ({
      ...{ modelTopology: json.modelTopology, format: json.format },
      weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
      weightData: weights.slice().buffer,
    }),
  });
  const { name, width, height, layout, type } = card.input;
  const letterbox = new Letterbox(card.input);
  letterbox.put(testPicture(width, height));
  const shape = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  return [model.execute({ [name]: tf.tensor(letterbox.data, shape, type) }, wanted)].flat();
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

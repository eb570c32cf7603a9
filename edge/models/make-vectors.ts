// Reckons edge/models/parity/*.json anew with TensorFlow.js, which is no dependency of the unit:
//   npm install --prefix DIR @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-converter@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0
//   node --import=tsx --conditions=hallhub-source edge/models/make-vectors.ts DIR PACKAGE.tgz
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { outputsNeeded } from '../src/vision/inference/decoders/index.js';
import { Letterbox } from '../src/vision/inference/letterbox.js';
import type { ParityVectors } from '../src/vision/models/parity/parity.js';
import { testPicture } from '../src/vision/models/parity/test-picture.js';
import { readTar } from '../src/vision/models/pull/read-tar.js';
import { catalogueFolder, readCards } from '../src/vision/models/read-cards.js';

const [folder, packed] = process.argv.slice(2);
if (!folder || !packed) throw new Error('usage: make-vectors.ts DIR_WITH_TFJS PACKAGE.tgz');
const need = createRequire(path.resolve(folder, 'index.js'));
const tf = need('@tensorflow/tfjs-core');
need('@tensorflow/tfjs-backend-cpu');
const { loadGraphModel } = need('@tensorflow/tfjs-converter');
await tf.setBackend('cpu');

const samples = 120;

for (const card of readCards(path.join(folder, 'none')).catalogue.values()) {
  const [graphFile, weightsFile] = [card.source.graph.path, card.source.weights.path].map((file) => `package/${file}`);
  const files = await readTar(createReadStream(packed).pipe(createGunzip()), {
    wanted: [graphFile, weightsFile],
    maxFileBytes: 2 ** 29,
  });
  const json = JSON.parse(Buffer.from(files.get(graphFile)).toString('utf8'));
  const model = await loadGraphModel({
    load: async () => ({
      ...{ modelTopology: json.modelTopology, format: json.format },
      weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
      weightData: files.get(weightsFile).slice().buffer,
    }),
  });
  const { name, width, height, layout, type } = card.input;
  const letterbox = new Letterbox(card.input);
  letterbox.put(testPicture(width, height));
  const shape = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const wanted = outputsNeeded(card.output);
  const results = [model.execute({ [name]: tf.tensor(letterbox.data, shape, type) }, wanted)].flat();
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
  const vectors: ParityVectors = { reference: `@tensorflow/tfjs ${tf.version_core}, cpu`, outputs };
  writeFileSync(path.join(at, `${card.id}.json`), `${JSON.stringify(vectors, null, 1)}\n`);
  console.log(card.id, Object.keys(outputs).length, 'outputs');
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

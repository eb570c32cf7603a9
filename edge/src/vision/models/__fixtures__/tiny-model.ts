import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { convertGraph } from '../convert/convert-graph.js';
import { encodeOnnx } from '../onnx/onnx-model.js';
import { readGraphModel } from '../tfjs/read-graph-model.js';

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const list = (...i: number[]) => ({ list: { i: i.map(String) } });
const float = { type: 'DT_FLOAT' };
const conv = {
  T: float,
  strides: list(1, 1, 1, 1),
  dilations: list(1, 1, 1, 1),
  padding: text('VALID'),
  data_format: text('NHWC'),
};

/**
 * A detector of a few hundred bytes: 64 x 64 pixels in cells of 8; a cell that is red through and through is a person, a
 * blue one a bag, each with a box of exactly its cell.
 */
const topology = {
  node: [
    {
      name: 'input',
      op: 'Placeholder',
      attr: { dtype: float, shape: { shape: { dim: [1, 64, 64, 3].map((size) => ({ size: String(size) })) } } },
    },
    { name: 'weights', op: 'Const', attr: {} },
    { name: 'flat', op: 'Const', attr: {} },
    { name: 'scoresShape', op: 'Const', attr: {} },
    { name: 'sidesShape', op: 'Const', attr: {} },
    {
      name: 'cells',
      op: 'AvgPool',
      input: ['input'],
      attr: { ...conv, ksize: list(1, 8, 8, 1), strides: list(1, 8, 8, 1) },
    },
    { name: 'colours', op: 'Conv2D', input: ['cells', 'weights'], attr: conv },
    { name: 'seen', op: 'Relu', input: ['colours'], attr: {} },
    { name: 'scores', op: 'Reshape', input: ['seen', 'scoresShape'], attr: {} },
    { name: 'even', op: 'Conv2D', input: ['cells', 'flat'], attr: conv },
    { name: 'sides', op: 'Reshape', input: ['even', 'sidesShape'], attr: {} },
  ],
};

const weightsOf = (): { specs: object[]; bytes: Uint8Array } => {
  const specs: object[] = [];
  const parts: Uint8Array[] = [];
  const add = (name: string, shape: number[], data: Float32Array | Int32Array) => {
    specs.push({ name, shape, dtype: data instanceof Float32Array ? 'float32' : 'int32' });
    parts.push(new Uint8Array(data.buffer));
  };
  // By input channel: what red, green and blue say for a person and for a bag.
  add('weights', [1, 1, 3, 2], new Float32Array([1, -1, -1, -1, -1, 1]));
  add('flat', [1, 1, 3, 8], new Float32Array(24));
  add('scoresShape', [3], new Int32Array([1, 64, 2]));
  add('sidesShape', [3], new Int32Array([1, 64, 8]));
  return { specs, bytes: Buffer.concat(parts) };
};

export const tinyFiles = (): { graph: Uint8Array; weights: Uint8Array } => {
  const { specs, bytes } = weightsOf();
  const graph = {
    format: 'graph-model',
    signature: { outputs: { scores: { name: 'scores:0' }, sides: { name: 'sides:0' } } },
    modelTopology: topology,
    weightsManifest: [{ paths: ['tiny.bin'], weights: specs }],
  };
  return { graph: Buffer.from(JSON.stringify(graph)), weights: bytes };
};

export const tinyOnnx = (): Uint8Array => {
  const { graph, weights } = tinyFiles();
  return encodeOnnx(convertGraph(readGraphModel(Buffer.from(graph).toString(), weights), { name: 'tiny' }));
};

/** Bytes that do not compress. */
const noise = (length: number): Uint8Array => {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
};

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export const tinyDescription = {
  version: 1,
  id: 'tiny',
  name: 'Tiny',
  role: 'detector',
  licence: 'Apache-2.0',
  input: { name: 'input', width: 64, height: 64, layout: 'nhwc', std: [255, 255, 255] },
  output: { decoder: 'nanodet', bins: 2, levels: [{ stride: 8, scores: 'scores', boxes: 'sides' }] },
  thresholds: { sure: 0.6, least: 0.3 },
  labels: [{ id: 'person', zh: '人' }, { id: 'handbag' }],
} as const;

/** A catalogue of the one model, and the packed package that it comes from. */
export const tinyCatalogue = (folder: string): { packed: Uint8Array; bytes: number } => {
  const { graph, weights } = tinyFiles();
  const onnx = tinyOnnx();
  const packed = gzipSync(
    tarOf([
      // Larger than a network chunk, so that a line can break in the middle.
      ['package/README.md', noise(400_000)],
      ['package/models/tiny.bin', weights],
      ['package/models/tiny.json', graph],
      ['package/last.bin', new Uint8Array(2_000)],
    ]),
  );
  mkdirSync(folder, { recursive: true });
  const source = {
    package: '@somebody/tiny-models',
    packageVersion: '1.2.3',
    integrity: `sha512-${createHash('sha512').update(packed).digest('base64')}`,
    bytes: packed.length,
    graph: { path: 'models/tiny.json', sha256: sha256(graph) },
    weights: { path: 'models/tiny.bin', sha256: sha256(weights) },
  };
  const card = { ...tinyDescription, rank: 1, source, onnx: { sha256: sha256(onnx), bytes: onnx.length } };
  writeFileSync(path.join(folder, 'tiny.yaml'), stringify(card));
  return { packed, bytes: packed.length };
};

/** A picture with cells of one colour; the rest is grey. */
export const tinyPicture = (cells: readonly { x: number; y: number; rgb: readonly [number, number, number] }[]) => {
  const rgb = new Uint8Array(64 * 64 * 3).fill(90);
  for (const { x, y, rgb: colour } of cells) {
    for (let i = 0; i < 64; i++) rgb.set(colour, ((y * 8 + (i >> 3)) * 64 + x * 8 + (i & 7)) * 3);
  }
  return { width: 64, height: 64, rgb };
};
export const red = [255, 0, 0] as const;
export const blue = [0, 0, 250] as const;

/** POSIX ustar. */
export const tarOf = (files: readonly (readonly [string, Uint8Array])[]): Uint8Array => {
  const blocks = files.flatMap(([name, body]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(`${body.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\0', 257);
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [header, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
};

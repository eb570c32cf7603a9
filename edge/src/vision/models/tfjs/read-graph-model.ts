import { HubError } from '@hallhub/shared';
import { z } from 'zod';
import { type ConstantTensor, type DataType, newNumbers, sizeOf } from '../convert/tensor.js';
import type { Attribute, TfGraph, TfNode, TfPort } from './graph.js';

const size = z.union([z.int(), z.string().regex(/^-?\d{1,18}$/)]).transform(Number);
const shapeSchema = z.object({ dim: z.array(z.object({ size: size.optional() })).optional() });
const attributeSchema = z.object({
  i: size.optional(),
  f: z.union([z.number(), z.string()]).transform(Number).optional(),
  b: z.boolean().optional(),
  s: z.string().optional(),
  type: z.union([z.string(), z.int()]).optional(),
  shape: shapeSchema.optional(),
  list: z.object({ i: z.array(size).optional(), s: z.array(z.string()).optional() }).optional(),
});
const portSchema = z.object({ name: z.string(), tensorShape: shapeSchema.optional() });
const signatureSchema = z.object({
  inputs: z.record(z.string(), portSchema).optional(),
  outputs: z.record(z.string(), portSchema).optional(),
});
const weightSchema = z.object({
  name: z.string().max(500),
  shape: z.array(z.int().min(0).max(1e8)).max(8),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: z
    .object({
      dtype: z.enum(['float16', 'uint8', 'uint16']),
      scale: z.number().optional(),
      min: z.number().optional(),
    })
    .optional(),
});
const modelSchema = z.object({
  format: z.literal('graph-model'),
  signature: signatureSchema.nullish(),
  userDefinedMetadata: z.object({ signature: signatureSchema.optional() }).nullish(),
  modelTopology: z.object({
    node: z
      .array(
        z.object({
          name: z.string().max(500),
          op: z.string().max(100),
          input: z.array(z.string().max(500)).max(1_000).optional(),
          attr: z.record(z.string(), attributeSchema).optional(),
        }),
      )
      .max(20_000),
  }),
  weightsManifest: z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightSchema).max(20_000) })),
});

const manifestSchema = modelSchema.shape.weightsManifest;

const types: Record<string, DataType> = { DT_FLOAT: 'float32', DT_INT32: 'int32', DT_INT64: 'int32', DT_BOOL: 'bool' };

/** The number that TensorFlow.js's JSON uses for a type in newer files, or its name. */
const typeOf = (type: string | number | undefined): DataType | undefined =>
  type === undefined ? undefined : types[{ 1: 'DT_FLOAT', 3: 'DT_INT32', 9: 'DT_INT64', 10: 'DT_BOOL' }[type] ?? type];

/**
 * Reads a TensorFlow.js graph model: the text of its JSON file and its weights. Weights kept as 16-bit floats or as
 * scaled bytes become 32-bit floats. Throws `invalid_input` where the file is none or its weights do not fit.
 */
export const readGraphModel = (json: string, weights: Uint8Array): TfGraph => {
  const parsed = modelSchema.safeParse(parseJson(json));
  if (!parsed.success) {
    throw new HubError('invalid_input', `not a TensorFlow.js graph model: ${z.prettifyError(parsed.error)}`);
  }
  const { modelTopology, weightsManifest, signature, userDefinedMetadata } = parsed.data;
  const constants = readWeights(weightsManifest, weights);
  const nodes = new Map<string, TfNode>();
  for (const { name, op, input = [], attr = {} } of modelTopology.node) {
    if (op === 'Const') continue;
    nodes.set(name, {
      name,
      op,
      inputs: input.filter((from) => !from.startsWith('^')),
      attributes: new Map(Object.entries(attr).flatMap(([key, value]) => attributeOf(key, value))),
    });
  }
  const given = signature?.outputs ? signature : (userDefinedMetadata?.signature ?? signature ?? {});
  return { nodes, constants, inputs: inputsOf(modelTopology.node, given), outputs: outputsOf(nodes, given) };
};

/** Reads weights that come without a graph: the text of their list, and their bytes. Throws `invalid_input`. */
export const readWeightList = (json: string, weights: Uint8Array): Map<string, ConstantTensor> => {
  const parsed = manifestSchema.safeParse(parseJson(json));
  if (!parsed.success) throw new HubError('invalid_input', `not a list of weights: ${z.prettifyError(parsed.error)}`);
  return readWeights(parsed.data, weights);
};

type RawNode = z.infer<typeof modelSchema>['modelTopology']['node'][number];
type Signature = z.infer<typeof signatureSchema>;

const inputsOf = (nodes: readonly RawNode[], signature: Signature): TfPort[] => {
  const declared = Object.values(signature.inputs ?? {});
  return nodes
    .filter(({ op }) => op === 'Placeholder')
    .map(({ name, attr }) => {
      const port = declared.find((one) => one.name === name || one.name === `${name}:0`);
      const shape = sizesOf(port?.tensorShape ?? attr?.shape?.shape);
      return { name, type: typeOf(attr?.dtype?.type) ?? 'float32', shape };
    });
};

const sizesOf = (shape: z.infer<typeof shapeSchema> | undefined): number[] =>
  (shape?.dim ?? []).map(({ size: given = 0 }) => Math.max(0, given));

/** By the signature; without one, every node that nobody reads. */
const outputsOf = (nodes: ReadonlyMap<string, TfNode>, signature: Signature): string[] => {
  const declared = Object.values(signature.outputs ?? {}).map(({ name }) => name.replace(/:0$/, ''));
  if (declared.length > 0) return declared.sort();
  const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map((from) => from.split(':')[0])));
  return [...nodes.keys()].filter((name) => !read.has(name)).sort();
};

const attributeOf = (key: string, value: z.infer<typeof attributeSchema>): [string, Attribute][] => {
  if (value.list) return [[key, value.list.s?.map(textOf) ?? value.list.i ?? []]];
  if (value.shape) return [[key, sizesOf(value.shape)]];
  const type = typeOf(value.type);
  const text = value.s === undefined ? undefined : textOf(value.s);
  const one = value.i ?? value.f ?? value.b ?? text ?? type;
  return one === undefined ? [] : [[key, one]];
};

const textOf = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

const readWeights = (
  manifest: z.infer<typeof modelSchema>['weightsManifest'],
  bytes: Uint8Array,
): Map<string, ConstantTensor> => {
  const constants = new Map<string, ConstantTensor>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of manifest.flatMap((group) => group.weights)) {
    const width = quantization ? (quantization.dtype === 'uint8' ? 1 : 2) : dtype === 'bool' ? 1 : 4;
    const length = sizeOf(shape) * width;
    if (at + length > bytes.length) throw new HubError('invalid_input', 'the weights are shorter than the model says');
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, length);
    const read = reader(view, dtype, quantization);
    const data = newNumbers(dtype, sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = read(i);
    constants.set(name, { type: dtype, shape, data });
    at += length;
  }
  if (at !== bytes.length) throw new HubError('invalid_input', 'the weights are longer than the model says');
  return constants;
};

const reader = (
  view: DataView,
  type: DataType,
  quantization: z.infer<typeof weightSchema>['quantization'],
): ((i: number) => number) => {
  if (quantization?.dtype === 'float16') return (i) => floatOfHalf(view.getUint16(i * 2, true));
  if (quantization) {
    const { scale = 1, min = 0 } = quantization;
    const wide = quantization.dtype === 'uint16';
    const round = type === 'int32' ? Math.round : Math.fround;
    return (i) => round((wide ? view.getUint16(i * 2, true) : view.getUint8(i)) * scale + min);
  }
  if (type === 'bool') return (i) => view.getUint8(i);
  return type === 'int32' ? (i) => view.getInt32(i * 4, true) : (i) => view.getFloat32(i * 4, true);
};

/** IEEE 754 binary16. */
export const floatOfHalf = (half: number): number => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError('invalid_input', 'not JSON', { cause });
  }
};

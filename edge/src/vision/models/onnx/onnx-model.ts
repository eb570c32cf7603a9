import { ProtobufWriter } from './protobuf-writer.js';

/** `TensorProto.DataType` of onnx.proto3. */
export const onnxTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxType = keyof typeof onnxTypes;

export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** Little-endian, row by row. */
  readonly data: Uint8Array;
}

export interface OnnxPort {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
}

/** A whole number, a list of whole numbers, a float (`{ float }`) or a text. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number } | string;

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

/** IR 8 with operator set 17: what every runtime since 2022 reads. */
const irVersion = 8;
const operatorSet = 17;
const attributeKinds = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** The bytes of an ONNX file (field numbers: onnx.proto3). The same graph always gives the same bytes. */
export const encodeOnnx = (graph: OnnxGraph): Uint8Array =>
  new ProtobufWriter()
    .integer(1, irVersion)
    .text(2, 'hallhub')
    .message(7, (w) => {
      for (const node of graph.nodes) w.message(1, (n) => writeNode(n, node));
      w.text(2, graph.name);
      for (const tensor of graph.constants) w.message(5, (n) => writeTensor(n, tensor));
      for (const port of graph.inputs) w.message(11, (n) => writePort(n, port));
      for (const port of graph.outputs) w.message(12, (n) => writePort(n, port));
    })
    .message(8, (w) => w.text(1, '').integer(2, operatorSet))
    .finish();

const writeNode = (w: ProtobufWriter, { op, inputs, outputs, attributes = {} }: OnnxNode): void => {
  for (const name of inputs) w.text(1, name);
  for (const name of outputs) w.text(2, name);
  w.text(4, op);
  for (const [name, value] of Object.entries(attributes)) w.message(5, (a) => writeAttribute(a, name, value));
};

const writeAttribute = (w: ProtobufWriter, name: string, value: OnnxAttribute): void => {
  w.text(1, name);
  if (typeof value === 'number') w.integer(3, value).integer(20, attributeKinds.int);
  else if (typeof value === 'string') w.text(4, value).integer(20, attributeKinds.string);
  else if ('float' in value) w.float(2, value.float).integer(20, attributeKinds.float);
  else {
    for (const one of value) w.integer(8, one);
    w.integer(20, attributeKinds.ints);
  }
};

const writeTensor = (w: ProtobufWriter, { name, type, shape, data }: OnnxTensor): void => {
  for (const size of shape) w.integer(1, size);
  w.integer(2, onnxTypes[type]).text(8, name).bytes(9, data);
};

const writePort = (w: ProtobufWriter, { name, type, shape }: OnnxPort): void => {
  w.text(1, name).message(2, (t) =>
    t.message(1, (tensor) =>
      tensor.integer(1, onnxTypes[type]).message(2, (s) => {
        for (const size of shape) s.message(1, (d) => d.integer(1, size));
      }),
    ),
  );
};

import { HubError } from '@hallhub/shared';
import type { OnnxGraph } from '../onnx/onnx-model.js';
import type { TfGraph, TfNode } from '../tfjs/graph.js';
import { convolutionOps } from './convolution-ops.js';
import { elementwiseOps } from './elementwise-ops.js';
import { GraphBuilder } from './graph-builder.js';
import { constantValue, type Emit, OpContext } from './op-context.js';
import { reduceOps } from './reduce-ops.js';
import { shapeOps } from './shape-ops.js';
import { sliceOps } from './slice-ops.js';
import { identity, keyOf, type Value } from './value.js';

const emitters = new Map<string, Emit>(
  Object.entries({ ...elementwiseOps, ...convolutionOps, ...shapeOps, ...sliceOps, ...reduceOps }),
);

/** Names of the operations that the converter knows. */
export const knownOps: readonly string[] = [...emitters.keys()].sort();

export interface ConvertOptions {
  readonly name: string;
  /** Shapes of inputs by name, where the file leaves sizes open. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Makes an ONNX graph of a TensorFlow graph. Every shape is known afterwards: what depends on shapes alone is reckoned
 * here, and axes are put in the order that the runtime is fast with. Throws `unsupported` naming the node it cannot do.
 */
export const convertGraph = (graph: TfGraph, { name, inputShapes = {} }: ConvertOptions): OnnxGraph => {
  const build = new GraphBuilder();
  const outputs = new Map<string, readonly Value[]>();
  for (const [constant, tensor] of graph.constants) outputs.set(constant, [constantValue(tensor)]);
  for (const port of graph.inputs) {
    const shape = inputShapes[port.name] ?? port.shape;
    if (shape.some((size) => size < 1)) {
      throw new HubError('invalid_input', `the input ${port.name} has sizes that the model leaves open: ${shape}`);
    }
    const form = keyOf(identity(shape.length));
    outputs.set(port.name, [
      { type: port.type, shape, forms: new Map([[form, build.input(port.name, port.type, shape)]]) },
    ]);
  }
  for (const node of inOrder(graph, new Set(outputs.keys()))) {
    const emit = emitters.get(node.op);
    if (!emit)
      throw new HubError('unsupported', `${node.op} "${node.name}" is an operation the converter does not know`);
    const inputs = node.inputs.map((from) => inputValue(outputs, from, node));
    const made = emit(new OpContext(node, inputs, build));
    outputs.set(node.name, 'forms' in made ? [made] : made);
  }
  return build.finish(
    name,
    graph.outputs.map((output) => {
      const { name: node, output: place } = reference(output);
      const value = outputs.get(node)?.[place];
      if (!value) throw new HubError('invalid_input', `the model has no output ${output}`);
      return { name: output, type: value.type, shape: value.shape, from: build.form(value) };
    }),
  );
};

const inputValue = (outputs: ReadonlyMap<string, readonly Value[]>, from: string, node: TfNode): Value => {
  const { name, output } = reference(from);
  const value = outputs.get(name)?.[output];
  if (!value) throw new HubError('invalid_input', `"${node.name}" reads ${from}, which the model does not have`);
  return value;
};

const reference = (from: string): { name: string; output: number } => {
  const [, name = from, output = '0'] = /^(.*?)(?::(\d+))?$/.exec(from) ?? [];
  return { name, output: Number(output) };
};

/** What the outputs need, inputs before those who read them. Refuses rings. */
const inOrder = (graph: TfGraph, known: ReadonlySet<string>): TfNode[] => {
  const order: TfNode[] = [];
  const state = new Map<string, 'open' | 'done'>([...known].map((name) => [name, 'done']));
  const stack = [...graph.outputs].reverse().map((output) => ({ name: reference(output).name, entered: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (state.get(top.name) === 'done') continue;
    const node = graph.nodes.get(top.name);
    if (!node) throw new HubError('invalid_input', `the model has no node ${top.name}`);
    if (top.entered) {
      state.set(top.name, 'done');
      order.push(node);
      continue;
    }
    if (state.get(top.name) === 'open') throw new HubError('invalid_input', `"${top.name}" depends on itself`);
    state.set(top.name, 'open');
    stack.push({ name: top.name, entered: true });
    for (const from of [...node.inputs].reverse()) {
      const { name } = reference(from);
      if (state.get(name) !== 'done') stack.push({ name, entered: false });
    }
  }
  return order;
};

import { HubError } from '@hallhub/shared';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxPort, OnnxTensor, OnnxType } from '../onnx/onnx-model.js';
import { type ConstantTensor, type DataType, numbersOf, sizeOf, transposed } from './tensor.js';
import { between, identity, keyOf, type Permutation, permutationOf, permuted, type Value } from './value.js';

export interface Emitted {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** Collects an ONNX graph. Names are numbers in the order of making, so a conversion always gives the same file. */
export class GraphBuilder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxPort[] = [];
  #made = 0;

  input(name: string, type: OnnxType, shape: readonly number[]): string {
    this.#inputs.push({ name, type, shape });
    return name;
  }

  /** Adds a node with one output and returns that output's name. */
  node(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    return this.nodes({ op, inputs, attributes }, 1)[0] as string;
  }

  nodes({ op, inputs, attributes = {} }: Emitted, count: number): string[] {
    const outputs = Array.from({ length: count }, () => this.#name());
    this.#nodes.push({ op, inputs, outputs, attributes });
    return outputs;
  }

  constant(tensor: ConstantTensor): string {
    const { data } = tensor;
    return this.#keep(tensor.type, tensor.shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  /** A list of whole numbers as ONNX wants them for shapes, axes and indices: 64 bits. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#keep('int64', shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  scalar(value: number, type: DataType): string {
    return this.constant({ type, shape: [], data: numbersOf(type, [value]) });
  }

  value(type: DataType, shape: readonly number[], name: string, form: Permutation = identity(shape.length)): Value {
    return { type, shape, forms: new Map([[keyOf(form), name]]) };
  }

  /** The ONNX tensor that holds `value` with its axes in the wanted order; transposes only where there is none yet. */
  form(value: Value, wanted: Permutation = identity(value.shape.length)): string {
    const key = keyOf(wanted);
    const there = value.forms.get(key) ?? sameNumbers(value, wanted);
    if (there) return there;
    const name = this.#make(value, wanted);
    value.forms.set(key, name);
    return name;
  }

  #make(value: Value, wanted: Permutation): string {
    if (value.constant) return this.constant(transposed(value.constant, wanted));
    const from = value.forms.entries().next().value;
    if (!from) throw new HubError('bug', 'a value without any form');
    return this.node('Transpose', [from[1]], { perm: between(permutationOf(from[0]), wanted) });
  }

  /** Leaves out what no output needs. */
  finish(name: string, outputs: readonly (OnnxPort & { from: string })[]): OnnxGraph {
    const named = outputs.map(({ from, name: output }) => ({ op: 'Identity', inputs: [from], outputs: [output] }));
    const needed = new Set(outputs.map(({ from }) => from));
    const nodes = this.#nodes.reduceRight<OnnxNode[]>((kept, node) => {
      if (!node.outputs.some((output) => needed.has(output))) return kept;
      for (const input of node.inputs) needed.add(input);
      kept.push(node);
      return kept;
    }, []);
    return {
      name,
      inputs: this.#inputs,
      outputs: outputs.map(({ name: output, type, shape }) => ({ name: output, type, shape })),
      nodes: [...nodes.reverse(), ...named],
      constants: [...this.#constants.values()].filter((tensor) => needed.has(tensor.name)),
    };
  }

  #keep(type: OnnxType, shape: readonly number[], data: Uint8Array): string {
    // Small ones repeat a lot (axes, shapes, pads); large ones are told apart by name alone.
    const key = data.length <= 256 ? `${type}/${shape.join()}/${Buffer.from(data).toString('hex')}` : `#${this.#made}`;
    const there = this.#constants.get(key);
    if (there) return there.name;
    const name = this.#name();
    this.#constants.set(key, { name, type, shape, data });
    return name;
  }

  #name(): string {
    return `t${this.#made++}`;
  }
}

/** Axes of size 1 may stand anywhere: a form with the same numbers in a row and the same shape will do. */
const sameNumbers = (value: Value, wanted: Permutation): string | undefined => {
  if (sizeOf(value.shape) === 0) return undefined;
  const long = (permutation: Permutation) => permutation.filter((axis) => value.shape[axis] !== 1).join();
  const shape = permuted(value.shape, wanted).join();
  for (const [key, name] of value.forms) {
    const there = permutationOf(key);
    if (long(there) === long(wanted) && permuted(value.shape, there).join() === shape) return name;
  }
  return undefined;
};

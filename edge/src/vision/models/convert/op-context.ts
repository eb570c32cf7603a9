import { HubError } from '@hallhub/shared';
import type { TfNode } from '../tfjs/graph.js';
import type { GraphBuilder } from './graph-builder.js';
import { type ConstantTensor, sizeOf } from './tensor.js';
import { identity, keyOf, type Permutation, permutationOf, type Value } from './value.js';

/** One node on its way from TensorFlow to ONNX. */
export class OpContext {
  constructor(
    readonly node: TfNode,
    readonly inputs: readonly Value[],
    readonly build: GraphBuilder,
  ) {}

  input(i: number): Value {
    const value = this.inputs[i];
    if (!value) this.refuse(`has no input ${i}`);
    return value;
  }

  /** The numbers of an input that has to be known while converting. */
  constant(i: number): ConstantTensor {
    const { constant } = this.input(i);
    if (!constant) this.refuse(`needs input ${i} to be a constant`);
    return constant;
  }

  numbers(i: number): number[] {
    return Array.from(this.constant(i).data);
  }

  number(name: string, otherwise?: number): number {
    const value = this.node.attributes.get(name) ?? otherwise;
    if (typeof value !== 'number') this.refuse(`has no number ${name}`);
    return value;
  }

  flag(name: string): boolean {
    return this.node.attributes.get(name) === true;
  }

  text(name: string, otherwise?: string): string {
    const value = this.node.attributes.get(name) ?? otherwise;
    if (typeof value !== 'string') this.refuse(`has no text ${name}`);
    return value;
  }

  list(name: string): readonly number[] {
    const value = this.node.attributes.get(name);
    return Array.isArray(value) ? value.filter((one): one is number => typeof one === 'number') : [];
  }

  texts(name: string): readonly string[] {
    const value = this.node.attributes.get(name);
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
  }

  refuse(why: string): never {
    throw new HubError('unsupported', `${this.node.op} "${this.node.name}" ${why}`, {
      context: { op: this.node.op, node: this.node.name },
    });
  }
}

export type Emit = (op: OpContext) => Value | readonly Value[];

export const constantValue = (constant: ConstantTensor): Value => ({
  type: constant.type,
  shape: constant.shape,
  constant,
  forms: new Map(),
});

/** The order of axes that needs the fewest numbers moved, among those that an input already has. */
export const cheapestForm = (values: readonly Value[], rank: number): Permutation => {
  const moving = values.filter((value) => !value.constant && value.shape.length === rank);
  const narrower = values.some((value) => !value.constant && value.shape.length !== rank && sizeOf(value.shape) > 1);
  const plain = identity(rank);
  if (narrower || moving.length === 0) return plain;
  const candidates = new Set(moving.flatMap((value) => [...value.forms.keys()]));
  let best = { key: keyOf(plain), cost: Number.POSITIVE_INFINITY };
  for (const key of candidates) {
    const cost = moving.reduce((sum, value) => sum + (value.forms.has(key) ? 0 : sizeOf(value.shape)), 0);
    if (cost < best.cost) best = { key, cost };
  }
  return permutationOf(best.key);
};

/** A form that is there already, for work that does not care about the order. */
export const anyForm = (value: Value): Permutation => cheapestForm([value], value.shape.length);

export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

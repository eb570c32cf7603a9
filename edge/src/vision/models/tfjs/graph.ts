import type { ConstantTensor, DataType } from '../convert/tensor.js';

/** What an attribute of a node may hold, as the converter reads it. */
export type Attribute = number | boolean | string | readonly number[] | readonly string[];

export interface TfNode {
  readonly name: string;
  readonly op: string;
  /** `name` or `name:output`; control inputs are left out. */
  readonly inputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface TfPort {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

/** A TensorFlow graph as TensorFlow.js stores it, with its weights. */
export interface TfGraph {
  readonly nodes: ReadonlyMap<string, TfNode>;
  readonly constants: ReadonlyMap<string, ConstantTensor>;
  /** Sizes that the file leaves open are 0 here. */
  readonly inputs: readonly TfPort[];
  readonly outputs: readonly string[];
}

import type { ConstantTensor, DataType } from './tensor.js';

/**
 * A tensor of the TensorFlow graph. What TensorFlow calls axis order is only a view: the ONNX graph may hold the same
 * numbers with the axes in another order, and a transposition costs nothing until somebody insists on one order.
 * `forms` holds the ONNX tensors there are, by permutation: axis `i` of the ONNX tensor is axis `permutation[i]` here.
 */
export interface Value {
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly constant?: ConstantTensor;
  readonly forms: Map<string, string>;
  /** Set where the value is another one with a frame around it that a convolution or pooling can do itself. */
  readonly framed?: Frame;
}

export interface Frame {
  readonly inner: Value;
  /** Of each axis: before, after. */
  readonly pads: readonly (readonly [number, number])[];
  readonly fill: number;
}

export type Permutation = readonly number[];

export const identity = (rank: number): Permutation => Array.from({ length: rank }, (_, axis) => axis);
/** How convolutions want their pictures, in axes of TensorFlow's [batch, height, width, channel]. */
export const channelsFirst: Permutation = [0, 3, 1, 2];

export const keyOf = (permutation: Permutation): string => permutation.join();
export const permutationOf = (key: string): Permutation => (key === '' ? [] : key.split(',').map(Number));
export const permuted = <T>(list: readonly T[], permutation: Permutation): T[] =>
  permutation.map((axis) => list[axis] as T);

export const inverse = (permutation: Permutation): Permutation => {
  const result = new Array<number>(permutation.length);
  permutation.forEach((axis, i) => {
    result[axis] = i;
  });
  return result;
};

/** The permutation that makes the form `to` out of the form `from` of one value. */
export const between = (from: Permutation, to: Permutation): Permutation => permuted(inverse(from), to);

/** The same numbers seen with other axes: no work, whatever forms there are stay good. */
export const transposedView = (value: Value, permutation: Permutation): Value => {
  const back = inverse(permutation);
  return {
    type: value.type,
    shape: permuted(value.shape, permutation),
    forms: new Map([...value.forms].map(([key, name]) => [keyOf(permuted(back, permutationOf(key))), name])),
    ...(value.framed && {
      framed: {
        inner: transposedView(value.framed.inner, permutation),
        pads: permuted(value.framed.pads, permutation),
        fill: value.framed.fill,
      },
    }),
  };
};

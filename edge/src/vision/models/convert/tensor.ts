/** What flows in a graph while it is converted. Booleans are kept as 0 and 1. */
export type DataType = 'float32' | 'int32' | 'bool';

export type Numbers = Float32Array | Int32Array | Uint8Array;

export interface ConstantTensor {
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly data: Numbers;
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

export const newNumbers = (type: DataType, length: number): Numbers => new arrays[type](length);

export const numbersOf = (type: DataType, values: readonly number[]): Numbers => {
  const data = newNumbers(type, values.length);
  data.set(values);
  return data;
};

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Distance in elements between neighbours along each axis, row by row. */
export const stridesOf = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis] as number;
  }
  return strides;
};

/**
 * Copies elements to a new shape: `strides[axis]` is how far the source moves when the result moves one along `axis`
 * (0 repeats, negative runs backwards). Transposing, slicing, broadcasting and tiling are all this.
 */
export const gatherByStrides = (
  source: Numbers,
  type: DataType,
  shape: readonly number[],
  { strides, offset = 0 }: { strides: readonly number[]; offset?: number },
): Numbers => {
  const result = newNumbers(type, sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let i = 0; i < result.length; i++) {
    result[i] = source[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      from += stride;
      at[axis] = (at[axis] as number) + 1;
      if ((at[axis] as number) < (shape[axis] as number)) break;
      from -= stride * (shape[axis] as number);
      at[axis] = 0;
    }
  }
  return result;
};

export const transposed = (tensor: ConstantTensor, permutation: readonly number[]): ConstantTensor => {
  const strides = stridesOf(tensor.shape);
  const shape = permutation.map((axis) => tensor.shape[axis] as number);
  const data = gatherByStrides(tensor.data, tensor.type, shape, {
    strides: permutation.map((axis) => strides[axis] as number),
  });
  return { type: tensor.type, shape, data };
};

/** NumPy's rule; undefined where the shapes do not go together. */
export const broadcastShape = (a: readonly number[], b: readonly number[]): number[] | undefined => {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
};

export const broadcastTo = (tensor: ConstantTensor, shape: readonly number[]): Numbers => {
  const own = stridesOf(tensor.shape);
  const lead = shape.length - tensor.shape.length;
  const strides = shape.map((_, axis) =>
    axis < lead || tensor.shape[axis - lead] === 1 ? 0 : (own[axis - lead] ?? 0),
  );
  return gatherByStrides(tensor.data, tensor.type, shape, { strides });
};

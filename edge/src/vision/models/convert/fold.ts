import {
  broadcastShape,
  broadcastTo,
  type ConstantTensor,
  type DataType,
  newNumbers,
  numbersOf,
  sizeOf,
} from './tensor.js';

type Binary = (a: number, b: number) => number;

const binaries: Record<string, { run: Binary; type?: DataType }> = {
  Add: { run: (a, b) => a + b },
  AddV2: { run: (a, b) => a + b },
  Sub: { run: (a, b) => a - b },
  Mul: { run: (a, b) => a * b },
  RealDiv: { run: (a, b) => a / b },
  FloorDiv: { run: (a, b) => Math.floor(a / b) },
  FloorMod: { run: (a, b) => a - Math.floor(a / b) * b },
  Maximum: { run: Math.max },
  Minimum: { run: Math.min },
  Equal: { run: (a, b) => Number(a === b), type: 'bool' },
  Less: { run: (a, b) => Number(a < b), type: 'bool' },
  Greater: { run: (a, b) => Number(a > b), type: 'bool' },
};

/**
 * The numbers of a node all of whose inputs are constants. Only what shapes and grids are reckoned with: everything else
 * is left to the runtime, which folds too. Undefined: not one of these.
 */
export const foldElementwise = (
  op: string,
  inputs: readonly ConstantTensor[],
  to?: DataType,
): ConstantTensor | undefined => {
  const [a, b] = inputs;
  if (!a) return undefined;
  if (op === 'Cast' && to) return cast(a, to);
  const binary = binaries[op];
  if (!binary || !b) return undefined;
  const shape = broadcastShape(a.shape, b.shape);
  if (!shape) return undefined;
  const [left, right] = [broadcastTo(a, shape), broadcastTo(b, shape)];
  const type = binary.type ?? a.type;
  const data = newNumbers(type, sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = binary.run(left[i] as number, right[i] as number);
  return { type, shape, data };
};

const cast = ({ shape, data, type: from }: ConstantTensor, to: DataType): ConstantTensor => {
  const values = Array.from(data, (value) =>
    to === 'bool' ? Number(value !== 0) : to === 'int32' && from === 'float32' ? Math.trunc(value) : value,
  );
  return { type: to, shape, data: numbersOf(to, values) };
};

export const foldRange = ([start, limit, delta]: readonly ConstantTensor[]): ConstantTensor | undefined => {
  if (!start || !limit || !delta) return undefined;
  const [from, end, step] = [start, limit, delta].map(({ data }) => data[0] as number) as [number, number, number];
  const length = Math.max(0, Math.ceil((end - from) / step));
  if (!Number.isFinite(length) || length > 1e7) return undefined;
  return {
    type: start.type,
    shape: [length],
    data: numbersOf(
      start.type,
      Array.from({ length }, (_, i) => from + i * step),
    ),
  };
};

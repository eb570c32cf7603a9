import { foldRange } from './fold.js';
import { anyForm, axisOf, cheapestForm, constantValue, type Emit, type OpContext } from './op-context.js';
import {
  type ConstantTensor,
  gatherByStrides,
  newNumbers,
  numbersOf,
  sizeOf,
  stridesOf,
  transposed,
} from './tensor.js';
import { identity, permuted, transposedView, type Value } from './value.js';

/** The same numbers, row by row, in another shape. */
export const reshaped = ({ build }: OpContext, value: Value, shape: readonly number[]): Value => {
  if (shape.join() === value.shape.join()) return value;
  if (value.constant) return constantValue({ ...value.constant, shape });
  return build.value(value.type, shape, build.node('Reshape', [build.form(value), build.integers(shape)]));
};

const reshape: Emit = (op) => {
  const value = op.input(0);
  const wanted = op.numbers(1);
  const known = wanted.reduce((product, size) => (size < 0 ? product : product * size), 1);
  const shape = wanted.map((size) => (size < 0 ? sizeOf(value.shape) / known : size));
  if (sizeOf(shape) !== sizeOf(value.shape)) op.refuse(`cannot make ${shape} of ${value.shape}`);
  return reshaped(op, value, shape);
};

const squeeze: Emit = (op) => {
  const { shape } = op.input(0);
  const given = [...op.list('squeeze_dims'), ...op.list('axis')].map((axis) => axisOf(axis, shape.length));
  const left = shape.filter((size, axis) => (given.length > 0 ? !given.includes(axis) : size !== 1));
  return reshaped(op, op.input(0), left);
};

const expandDims: Emit = (op) => {
  const { shape } = op.input(0);
  const axis = axisOf(op.numbers(1)[0] as number, shape.length + 1);
  return reshaped(op, op.input(0), shape.toSpliced(axis, 0, 1));
};

const transpose: Emit = (op) => {
  const value = op.input(0);
  const permutation = op.numbers(1);
  return value.constant ? constantValue(transposed(value.constant, permutation)) : transposedView(value, permutation);
};

const shapeOf: Emit = (op) => {
  const { shape } = op.input(0);
  return constantValue({ type: 'int32', shape: [shape.length], data: numbersOf('int32', shape) });
};

const size: Emit = (op) =>
  constantValue({ type: 'int32', shape: [], data: numbersOf('int32', [sizeOf(op.input(0).shape)]) });

const joined = (op: OpContext, values: readonly Value[], axis: number): Value => {
  const shape = (values[0] as Value).shape.with(
    axis,
    values.reduce((sum, value) => sum + (value.shape[axis] as number), 0),
  );
  const { type } = values[0] as Value;
  const constants = values.flatMap(({ constant }) => constant ?? []);
  if (constants.length === values.length) return constantValue(joinConstants(constants, shape, axis));
  const form = cheapestForm(values, shape.length);
  const names = values.map((value) => op.build.form(value, form));
  return op.build.value(type, shape, op.build.node('Concat', names, { axis: form.indexOf(axis) }), form);
};

const joinConstants = (parts: readonly ConstantTensor[], shape: readonly number[], axis: number): ConstantTensor => {
  const { type } = parts[0] as ConstantTensor;
  const data = newNumbers(type, sizeOf(shape));
  const rows = sizeOf(shape.slice(0, axis));
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const part of parts) {
      const length = part.data.length / rows;
      data.set(part.data.subarray(row * length, (row + 1) * length), at);
      at += length;
    }
  }
  return { type, shape, data };
};

const concat: Emit = (op) => {
  const values = op.inputs.slice(0, -1);
  const axis = op.numbers(op.inputs.length - 1)[0] as number;
  return joined(op, values, axisOf(axis, op.input(0).shape.length));
};

const pack: Emit = (op) => {
  const rank = op.input(0).shape.length;
  const axis = axisOf(op.number('axis', 0), rank + 1);
  return joined(
    op,
    op.inputs.map((value) => reshaped(op, value, value.shape.toSpliced(axis, 0, 1))),
    axis,
  );
};

const parts = (op: OpContext, value: Value, axis: number, sizes: readonly number[]): Value[] => {
  const shapes = sizes.map((length) => value.shape.with(axis, length));
  const { constant } = value;
  if (constant) {
    const strides = stridesOf(value.shape);
    let from = 0;
    return shapes.map((shape) => {
      const offset = from * (strides[axis] as number);
      from += shape[axis] as number;
      return constantValue({
        type: value.type,
        shape,
        data: gatherByStrides(constant.data, value.type, shape, { strides, offset }),
      });
    });
  }
  const form = anyForm(value);
  const inputs = [op.build.form(value, form), op.build.integers(sizes)];
  const names = op.build.nodes({ op: 'Split', inputs, attributes: { axis: form.indexOf(axis) } }, sizes.length);
  return names.map((name, i) => op.build.value(value.type, shapes[i] as number[], name, form));
};

const unpack: Emit = (op) => {
  const value = op.input(0);
  const axis = axisOf(op.number('axis', 0), value.shape.length);
  const ones = new Array<number>(value.shape[axis] as number).fill(1);
  return parts(op, value, axis, ones).map((part) => reshaped(op, part, part.shape.toSpliced(axis, 1)));
};

const split: Emit = (op) => {
  const value = op.input(1);
  const axis = axisOf(op.numbers(0)[0] as number, value.shape.length);
  const count = op.number('num_split');
  return parts(op, value, axis, new Array<number>(count).fill((value.shape[axis] as number) / count));
};

const splitV: Emit = (op) => {
  const value = op.input(0);
  const axis = axisOf(op.numbers(2)[0] as number, value.shape.length);
  const sizes = op.numbers(1);
  const rest = (value.shape[axis] as number) - sizes.reduce((sum, one) => sum + Math.max(0, one), 0);
  return parts(
    op,
    value,
    axis,
    sizes.map((one) => (one < 0 ? rest : one)),
  );
};

const tile: Emit = (op) => {
  const value = op.input(0);
  const times = op.numbers(1);
  const shape = value.shape.map((length, axis) => length * (times[axis] as number));
  if (value.constant) {
    // Seen as twice as many axes (how often, how long), of which the first of each pair stands still.
    const strides = stridesOf(value.shape).flatMap((stride) => [0, stride]);
    const paired = value.shape.flatMap((length, axis) => [times[axis] as number, length]);
    return constantValue({
      type: value.type,
      shape,
      data: gatherByStrides(value.constant.data, value.type, paired, { strides }),
    });
  }
  return op.build.value(value.type, shape, op.build.node('Tile', [op.build.form(value), op.build.integers(times)]));
};

const fill: Emit = (op) => {
  const shape = op.numbers(0);
  const { type, data } = op.constant(1);
  return constantValue({ type, shape, data: newNumbers(type, sizeOf(shape)).fill(data[0] as number) });
};

const range: Emit = (op) =>
  constantValue(foldRange([op.constant(0), op.constant(1), op.constant(2)]) ?? op.refuse('is too long'));

const pad: Emit = (op) => {
  const inner = op.input(0);
  const flat = op.numbers(1);
  const pads = inner.shape.map((_, axis) => [flat[axis * 2] as number, flat[axis * 2 + 1] as number] as const);
  const value = op.inputs.length > 2 ? (op.numbers(2)[0] as number) : 0;
  const shape = inner.shape.map((length, axis) => length + (pads[axis]?.[0] ?? 0) + (pads[axis]?.[1] ?? 0));
  const form = anyForm(inner);
  const moved = permuted(pads, form);
  const around = op.build.integers([...moved.map(([before]) => before), ...moved.map(([, after]) => after)]);
  const name = op.build.node('Pad', [op.build.form(inner, form), around, op.build.scalar(value, inner.type)]);
  return { ...op.build.value(inner.type, shape, name, form), framed: { inner, pads, fill: value } };
};

/** What `Where`, `Cast` and friends of a converter leave behind when there is nothing to scatter: all defaults. */
const sparseToDense: Emit = (op) => {
  if (op.constant(0).data.length > 0) op.refuse('scatters something');
  const shape = op.numbers(1);
  const { type, data } = op.constant(3);
  return constantValue({ type, shape, data: newNumbers(type, sizeOf(shape)).fill(data[0] as number) });
};

const reverse: Emit = (op) => {
  const value = op.input(0);
  const axes = op.numbers(1).map((axis) => axisOf(axis, value.shape.length));
  const all = axes.map(() => -1);
  const inputs = [
    op.build.form(value),
    op.build.integers(all),
    op.build.integers(axes.map(() => -(2 ** 31))),
    op.build.integers(axes),
    op.build.integers(all),
  ];
  return op.build.value(value.type, value.shape, op.build.node('Slice', inputs), identity(value.shape.length));
};

export const shapeOps: Readonly<Record<string, Emit>> = {
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Transpose: transpose,
  Shape: shapeOf,
  Size: size,
  ConcatV2: concat,
  Pack: pack,
  Unpack: unpack,
  Split: split,
  SplitV: splitV,
  Tile: tile,
  Fill: fill,
  Range: range,
  Pad: pad,
  PadV2: pad,
  SparseToDense: sparseToDense,
  ReverseV2: reverse,
};

import { constantValue, type Emit, type OpContext } from './op-context.js';
import { reshaped } from './shape-ops.js';
import { gatherByStrides, sizeOf, stridesOf } from './tensor.js';
import type { Value } from './value.js';

interface Cut {
  readonly begin: number;
  readonly stride: number;
  readonly length: number;
}

const cutOut = (op: OpContext, value: Value, cuts: readonly Cut[]): Value => {
  const shape = cuts.map(({ length }) => length);
  const { constant } = value;
  const own = stridesOf(value.shape);
  if (constant) {
    const strides = cuts.map(({ stride }, axis) => stride * (own[axis] as number));
    const offset = cuts.reduce((sum, { begin }, axis) => sum + begin * (own[axis] as number), 0);
    return constantValue({
      type: value.type,
      shape,
      data: gatherByStrides(constant.data, value.type, shape, { strides, offset }),
    });
  }
  const whole = cuts.every(
    ({ begin, stride, length }, axis) => begin === 0 && stride === 1 && length === value.shape[axis],
  );
  if (whole) return value;
  // ONNX counts a negative end from the back: "before the first" is written as far below any size.
  const ends = cuts.map(({ begin, stride, length }) => {
    const end = begin + stride * length;
    return end < 0 ? -(2 ** 31) : end;
  });
  const inputs = [
    op.build.form(value),
    op.build.integers(cuts.map(({ begin }) => begin)),
    op.build.integers(ends),
    op.build.integers(cuts.map((_, axis) => axis)),
    op.build.integers(cuts.map(({ stride }) => stride)),
  ];
  return op.build.value(value.type, shape, op.build.node('Slice', inputs));
};

/** TensorFlow's five masks: begin and end left open, the ellipsis, new axes, and axes that fall away. */
const stridedSlice: Emit = (op) => {
  const value = op.input(0);
  const [begins, ends, strides] = [op.numbers(1), op.numbers(2), op.numbers(3)];
  const mask = (name: string) => {
    const bits = op.number(name, 0);
    return (i: number) => (bits & (1 << i)) !== 0;
  };
  const [openBegin, openEnd] = [mask('begin_mask'), mask('end_mask')];
  const [ellipsis, newAxis, shrink] = [mask('ellipsis_mask'), mask('new_axis_mask'), mask('shrink_axis_mask')];
  const used = begins.filter((_, i) => !ellipsis(i) && !newAxis(i)).length;
  const cuts: Cut[] = [];
  const shape: number[] = [];
  const takeWhole = (count: number) => {
    for (let n = 0; n < count; n++) {
      const length = value.shape[cuts.length] as number;
      cuts.push({ begin: 0, stride: 1, length });
      shape.push(length);
    }
  };
  for (const [i, begin] of begins.entries()) {
    if (ellipsis(i)) {
      takeWhole(value.shape.length - used);
      continue;
    }
    if (newAxis(i)) {
      shape.push(1);
      continue;
    }
    const length = value.shape[cuts.length] as number;
    const cut = shrink(i)
      ? { begin: begin < 0 ? begin + length : begin, stride: 1, length: 1 }
      : span(length, strides[i] as number, openBegin(i) ? undefined : begin, openEnd(i) ? undefined : ends[i]);
    if (sizeOf(value.shape) > 0 && (cut.begin < 0 || cut.begin > length)) op.refuse('slices beyond its input');
    cuts.push(cut);
    if (!shrink(i)) shape.push(cut.length);
  }
  takeWhole(value.shape.length - cuts.length);
  return reshaped(op, cutOut(op, value, cuts), shape);
};

const span = (length: number, stride: number, begin: number | undefined, end: number | undefined): Cut => {
  const [low, high] = stride > 0 ? [0, length] : [-1, length - 1];
  const clamp = (at: number) => Math.min(high, Math.max(low, at < 0 ? at + length : at));
  const from = begin === undefined ? (stride > 0 ? 0 : length - 1) : clamp(begin);
  const to = end === undefined ? (stride > 0 ? length : -1) : clamp(end);
  return { begin: from, stride, length: Math.max(0, Math.ceil((to - from) / stride)) };
};

const slice: Emit = (op) => {
  const value = op.input(0);
  const [begins, sizes] = [op.numbers(1), op.numbers(2)];
  return cutOut(
    op,
    value,
    begins.map((begin, axis) => {
      const wanted = sizes[axis] as number;
      return { begin, stride: 1, length: wanted < 0 ? (value.shape[axis] as number) - begin : wanted };
    }),
  );
};

export const sliceOps: Readonly<Record<string, Emit>> = { StridedSlice: stridedSlice, Slice: slice };

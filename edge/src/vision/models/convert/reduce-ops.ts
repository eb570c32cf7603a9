import { activations } from './elementwise-ops.js';
import { anyForm, axisOf, type Emit, type OpContext } from './op-context.js';
import type { DataType } from './tensor.js';
import type { Permutation, Value } from './value.js';

const castCodes: Partial<Record<DataType, number>> = { int32: 6 };

/** What is left of an order of axes when some axes go. */
const without = (form: Permutation, axes: readonly number[]): Permutation =>
  form.filter((axis) => !axes.includes(axis)).map((axis) => axis - axes.filter((gone) => gone < axis).length);

const reduce =
  (onnx: 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin'): Emit =>
  (op) => {
    const value = op.input(0);
    const rank = value.shape.length;
    const axes = op.numbers(1).map((axis) => axisOf(axis, rank));
    const keep = op.flag('keep_dims');
    const form = anyForm(value);
    const places = axes.map((axis) => form.indexOf(axis)).sort((a, b) => a - b);
    const input = op.build.form(value, form);
    // Of the four only the sum takes its axes as an input in operator set 17.
    const name =
      onnx === 'ReduceSum'
        ? op.build.node(onnx, [input, op.build.integers(places)], { keepdims: Number(keep) })
        : op.build.node(onnx, [input], { axes: places, keepdims: Number(keep) });
    if (keep) {
      const shape = value.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
      return op.build.value(value.type, shape, name, form);
    }
    const shape = value.shape.filter((_, axis) => !axes.includes(axis));
    return op.build.value(value.type, shape, name, without(form, axes));
  };

const asInt32 = (op: OpContext, name: string): string =>
  op.build.node('Cast', [name], { to: castCodes.int32 as number });
const asInt64 = (op: OpContext, value: Value): string => op.build.node('Cast', [op.build.form(value)], { to: 7 });

const argMax: Emit = (op) => {
  const value = op.input(0);
  const axis = axisOf(op.numbers(1)[0] as number, value.shape.length);
  const form = anyForm(value);
  const name = op.build.node('ArgMax', [op.build.form(value, form)], { axis: form.indexOf(axis), keepdims: 0 });
  return op.build.value('int32', value.shape.toSpliced(axis, 1), asInt32(op, name), without(form, [axis]));
};

const topK: Emit = (op) => {
  const value = op.input(0);
  const k = op.numbers(1)[0] as number;
  const inputs = [op.build.form(value), op.build.integers([k])];
  const [values, indices] = op.build.nodes({ op: 'TopK', inputs, attributes: { axis: -1, largest: 1, sorted: 1 } }, 2);
  const shape = value.shape.with(-1, k);
  return [
    op.build.value(value.type, shape, values as string),
    op.build.value('int32', shape, asInt32(op, indices as string)),
  ];
};

const gatherNd: Emit = (op) => {
  const [value, at] = [op.input(0), op.input(1)];
  const depth = at.shape.at(-1) as number;
  const name = op.build.node('GatherND', [op.build.form(value), asInt64(op, at)]);
  return op.build.value(value.type, [...at.shape.slice(0, -1), ...value.shape.slice(depth)], name);
};

const gather: Emit = (op) => {
  const [value, at] = [op.input(0), op.input(1)];
  if (op.number('batch_dims', 0) !== 0) op.refuse('gathers by batch');
  const axis = axisOf(op.inputs.length > 2 ? (op.numbers(2)[0] as number) : 0, value.shape.length);
  const name = op.build.node('Gather', [op.build.form(value), op.build.form(at)], { axis });
  return op.build.value(value.type, value.shape.toSpliced(axis, 1, ...at.shape), name);
};

const softmax: Emit = (op) => {
  const value = op.input(0);
  const form = anyForm(value);
  const axis = form.indexOf(value.shape.length - 1);
  return op.build.value(
    value.type,
    value.shape,
    op.build.node('Softmax', [op.build.form(value, form)], { axis }),
    form,
  );
};

const matMul: Emit = (op) => {
  const [a, b] = [op.input(0), op.input(1)];
  const [turnA, turnB] = [op.flag('transpose_a'), op.flag('transpose_b')];
  const [bias, ...fused] = op.texts('fused_ops');
  const inputs = [op.build.form(a), op.build.form(b), ...(bias ? [op.build.form(op.input(2))] : [])];
  let name = op.build.node('Gemm', inputs, { transA: Number(turnA), transB: Number(turnB) });
  for (const what of fused) name = (activations[what] ?? op.refuse(`has ${what} built in`))(op, name);
  const shape = [a.shape[turnA ? 1 : 0] as number, b.shape[turnB ? 0 : 1] as number];
  return op.build.value('float32', shape, name);
};

export const reduceOps: Readonly<Record<string, Emit>> = {
  Sum: reduce('ReduceSum'),
  Mean: reduce('ReduceMean'),
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  ArgMax: argMax,
  TopKV2: topK,
  GatherNd: gatherNd,
  GatherV2: gather,
  Softmax: softmax,
  MatMul: matMul,
  _FusedMatMul: matMul,
};

import { foldElementwise } from './fold.js';
import { cheapestForm, constantValue, type Emit, type OpContext } from './op-context.js';
import { broadcastShape, type DataType, sizeOf } from './tensor.js';
import { type Permutation, permuted, type Value } from './value.js';

/** `value` as an operand beside ones of `rank` axes in the order `form`; size-1 axes are put in front where they lack. */
const operand = ({ build }: OpContext, value: Value, form: Permutation): string => {
  const lacking = form.length - value.shape.length;
  if (lacking === 0) return build.form(value, form);
  if (sizeOf(value.shape) === 1) return build.form(value);
  const shape = [...new Array<number>(lacking).fill(1), ...value.shape];
  if (value.constant) return build.form(constantValue({ ...value.constant, shape }), form);
  return build.form(
    build.value(value.type, shape, build.node('Reshape', [build.form(value), build.integers(shape)])),
    form,
  );
};

type Make = (op: OpContext, operands: readonly string[], type: DataType) => string;

/** Broadcasts all inputs together, in whatever order of axes is cheapest. */
const together =
  (make: Make, result?: DataType): Emit =>
  (op) => {
    const { inputs } = op;
    const constants = inputs.flatMap(({ constant }) => constant ?? []);
    const folded = constants.length === inputs.length ? foldElementwise(op.node.op, constants) : undefined;
    if (folded) return constantValue(folded);
    const shape = inputs
      .map((input) => input.shape)
      .reduce((a, b) => broadcastShape(a, b) ?? op.refuse(`cannot broadcast ${a} with ${b}`));
    // `Select` is told by its values what it gives, not by its condition.
    const type = result ?? op.input(inputs.length - 1).type;
    const form = cheapestForm(inputs, shape.length);
    const name = make(
      op,
      inputs.map((input) => operand(op, input, form)),
      op.input(inputs.length - 1).type,
    );
    return op.build.value(type, shape, name, form);
  };

const plain = (onnx: string, result?: DataType): Emit =>
  together(({ build }, operands) => build.node(onnx, operands), result);

/** Rounds towards minus infinity for whole numbers too, as TensorFlow does; ONNX's `Div` rounds towards zero. */
const floorDivide: Make = ({ build }, [a, b], type) => {
  const [left, right] = [a as string, b as string];
  if (type === 'float32') return build.node('Floor', [build.node('Div', [left, right])]);
  const rest = build.node('Mod', [left, right]);
  return build.node('Div', [build.node('Sub', [left, rest]), right]);
};

const floorModulo: Make = ({ build }, [a, b], type) => {
  const [left, right] = [a as string, b as string];
  if (type !== 'float32') return build.node('Mod', [left, right]);
  const quotient = build.node('Floor', [build.node('Div', [left, right])]);
  return build.node('Sub', [left, build.node('Mul', [quotient, right])]);
};

const squaredDifference: Make = ({ build }, operands) => {
  const difference = build.node('Sub', operands);
  return build.node('Mul', [difference, difference]);
};

/** One input, one output of the same shape, in any order of axes. */
const alone =
  (make: (op: OpContext, input: string) => string, result?: DataType): Emit =>
  (op) => {
    const value = op.input(0);
    const form = cheapestForm([value], value.shape.length);
    return op.build.value(result ?? value.type, value.shape, make(op, op.build.form(value, form)), form);
  };

const unary = (onnx: string): Emit => alone(({ build }, input) => build.node(onnx, [input]));

export const activations: Readonly<Record<string, (op: OpContext, input: string) => string>> = {
  Relu: ({ build }, input) => build.node('Relu', [input]),
  Relu6: ({ build }, input) => build.node('Clip', [input, build.scalar(0, 'float32'), build.scalar(6, 'float32')]),
  Elu: ({ build }, input) => build.node('Elu', [input]),
  Sigmoid: ({ build }, input) => build.node('Sigmoid', [input]),
  Tanh: ({ build }, input) => build.node('Tanh', [input]),
  LeakyRelu: (op, input) =>
    op.build.node('LeakyRelu', [input], { alpha: { float: op.number('alpha', op.number('leakyrelu_alpha', 0.2)) } }),
};

const numberTypes: Record<string, DataType> = { float32: 'float32', int32: 'int32', bool: 'bool' };
const castCodes: Record<DataType, number> = { float32: 1, int32: 6, bool: 9 };

export const castTo = (op: OpContext, value: Value, type: DataType): Value => {
  if (type === value.type) return value;
  const form = cheapestForm([value], value.shape.length);
  const name = op.build.node('Cast', [op.build.form(value, form)], { to: castCodes[type] });
  return op.build.value(type, value.shape, name, form);
};

const cast: Emit = (op) => {
  const type = numberTypes[op.text('DstT')] ?? op.refuse('casts to an unknown type');
  const { constant } = op.input(0);
  const folded = constant && foldElementwise('Cast', [constant], type);
  return folded ? constantValue(folded) : castTo(op, op.input(0), type);
};

/** The condition of the old `Select` may be one flag for each row. */
const select: Emit = (op) => {
  const [condition, yes] = [op.input(0), op.input(1)];
  if (condition.shape.length === 1 && yes.shape.length > 1 && sizeOf(condition.shape) > 1) {
    const shape = [...condition.shape, ...yes.shape.slice(1).map(() => 1)];
    const name = op.build.node('Reshape', [op.build.form(condition), op.build.integers(shape)]);
    const rows = op.build.value('bool', shape, name);
    const form = cheapestForm([yes, op.input(2)], yes.shape.length);
    const operands = [rows, yes, op.input(2)].map((value) => operand(op, value, form));
    return op.build.value(yes.type, yes.shape, op.build.node('Where', operands), form);
  }
  return plain('Where')(op);
};

const identityOp: Emit = (op) => op.input(0);

/** PReLU's slopes stand along the last axis of TensorFlow's order. */
const prelu: Emit = (op) => {
  const value = op.input(0);
  const form = cheapestForm([value], value.shape.length);
  const name = op.build.node('PRelu', [op.build.form(value, form), operand(op, op.input(1), form)]);
  return op.build.value(
    value.type,
    permuted(
      value.shape,
      value.shape.map((_, axis) => axis),
    ),
    name,
    form,
  );
};

export const elementwiseOps: Readonly<Record<string, Emit>> = {
  Add: plain('Add'),
  AddV2: plain('Add'),
  AddN: plain('Sum'),
  BiasAdd: plain('Add'),
  Sub: plain('Sub'),
  Mul: plain('Mul'),
  RealDiv: plain('Div'),
  Maximum: plain('Max'),
  Minimum: plain('Min'),
  Pow: plain('Pow'),
  FloorDiv: together(floorDivide),
  FloorMod: together(floorModulo),
  SquaredDifference: together(squaredDifference),
  Equal: plain('Equal', 'bool'),
  Less: plain('Less', 'bool'),
  LessEqual: plain('LessOrEqual', 'bool'),
  Greater: plain('Greater', 'bool'),
  GreaterEqual: plain('GreaterOrEqual', 'bool'),
  LogicalAnd: plain('And', 'bool'),
  LogicalOr: plain('Or', 'bool'),
  LogicalNot: alone(({ build }, input) => build.node('Not', [input]), 'bool'),
  Select: select,
  SelectV2: plain('Where'),
  Cast: cast,
  Identity: identityOp,
  StopGradient: identityOp,
  Prelu: prelu,
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Sqrt: unary('Sqrt'),
  Floor: unary('Floor'),
  Round: unary('Round'),
  Reciprocal: unary('Reciprocal'),
  Square: alone(({ build }, input) => build.node('Mul', [input, input])),
  Rsqrt: alone(({ build }, input) => build.node('Reciprocal', [build.node('Sqrt', [input])])),
  ...Object.fromEntries(Object.entries(activations).map(([name, make]) => [name, alone(make)])),
};

/** Small TensorFlow.js graphs, each about one thing the converter has to get right. */
export interface OpCase {
  readonly name: string;
  readonly input: { readonly shape: readonly number[]; readonly type?: 'float32' | 'int32' };
  readonly nodes: readonly OpNode[];
  readonly weights?: Readonly<Record<string, Weight>>;
  readonly outputs: readonly string[];
}

export interface OpNode {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

interface Weight {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** Left out: numbers from a fixed row. */
  readonly values?: readonly number[];
  readonly quantization?: {
    readonly dtype: 'float16' | 'uint8' | 'uint16';
    readonly scale?: number;
    readonly min?: number;
  };
}

/** Whole numbers in a fixed disorder. */
const disorder = (i: number): number => (Math.imul(i + 1, 2_654_435_761) >>> 8) % 1_000;

export const inputNumbers = ({ shape, type }: OpCase['input']): number[] =>
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) =>
    type === 'int32' ? (disorder(i) % 41) - 20 : (disorder(i) - 500) / 250,
  );

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const texts = (...values: string[]) => ({ list: { s: values.map((value) => Buffer.from(value).toString('base64')) } });
const list = (...values: number[]) => ({ list: { i: values.map(String) } });
const int = (value: number) => ({ i: String(value) });
const float = { type: 'DT_FLOAT' };
const whole = { type: 'DT_INT32' };

const conv = (padding: string, stride = 1, dilation = 1, more: object = {}) => ({
  ...{ T: float, padding: text(padding), data_format: text('NHWC') },
  ...{ strides: list(1, stride, stride, 1), dilations: list(1, dilation, dilation, 1), ...more },
});
const fused = (...ops: string[]) => ({ fused_ops: texts(...ops), num_args: int(1) });
const pool = (padding: string, size: number, stride: number) => ({
  ...{ T: float, padding: text(padding), data_format: text('NHWC') },
  ...{ ksize: list(1, size, size, 1), strides: list(1, stride, stride, 1) },
});
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Weight => ({
  ...{ dtype: 'int32', shape, values },
});
const scalar = (value: number): Weight => ints([value], []);
const floats = (...shape: number[]): Weight => ({ dtype: 'float32', shape });
const number = (value: number): Weight => ({ dtype: 'float32', shape: [], values: [value] });

const one = (
  name: string,
  shape: readonly number[],
  op: string,
  { attr = {}, weights = {}, type }: { attr?: object; weights?: Record<string, Weight>; type?: 'int32' } = {},
): OpCase => ({
  name,
  input: { shape, ...(type && { type }) },
  nodes: [{ name: 'out', op, input: ['x', ...Object.keys(weights)], attr: { T: type ? whole : float, ...attr } }],
  weights,
  outputs: ['out'],
});

const slice = (
  name: string,
  shape: readonly number[],
  [begin, end, strides]: readonly [number[], number[], number[]],
  masks: Record<string, number>,
) =>
  one(name, shape, 'StridedSlice', {
    attr: Object.fromEntries(
      ['begin', 'end', 'ellipsis', 'new_axis', 'shrink_axis'].map((mask) => [`${mask}_mask`, int(masks[mask] ?? 0)]),
    ),
    weights: { begin: ints(begin), end: ints(end), strides: ints(strides) },
  });

const resize = (name: string, op: string, [h, w]: readonly [number, number], corners: boolean, centres: boolean) =>
  one(name, [1, 5, 7, 3], op, {
    attr: { align_corners: { b: corners }, half_pixel_centers: { b: centres } },
    weights: { size: ints([h, w]) },
  });

const reduce = (op: string, axes: number[], keep: boolean): OpCase => ({
  name: `${op} over ${axes} of a picture in channels-first order${keep ? ', kept' : ''}`,
  input: { shape: [1, 6, 5, 4] },
  nodes: [
    { name: 'conv', op: 'Conv2D', input: ['x', 'w'], attr: conv('SAME') },
    { name: 'out', op, input: ['conv', 'axes'], attr: { T: float, keep_dims: { b: keep } } },
  ],
  weights: { w: floats(1, 1, 4, 3), axes: ints(axes) },
  outputs: ['out'],
});

const binary = (op: string, type: 'float32' | 'int32', b: number): OpCase => ({
  name: `${op} of ${type} by ${b}`,
  input: { shape: [2, 3, 4], type },
  nodes: [{ name: 'out', op, input: ['x', 'b'], attr: { T: type === 'int32' ? whole : float } }],
  weights: { b: type === 'int32' ? scalar(b) : number(b) },
  outputs: ['out'],
});

export const opCases: readonly OpCase[] = [
  one('SAME with an odd frame', [1, 7, 8, 3], 'Conv2D', { attr: conv('SAME', 2), weights: { w: floats(3, 3, 3, 4) } }),
  one('VALID and dilated', [1, 9, 9, 2], 'Conv2D', { attr: conv('VALID', 1, 2), weights: { w: floats(3, 3, 2, 3) } }),
  one('an even kernel', [1, 6, 6, 2], 'Conv2D', { attr: conv('SAME', 1), weights: { w: floats(2, 4, 2, 3) } }),
  one('convolution with all built in', [1, 5, 5, 3], '_FusedConv2D', {
    attr: { ...conv('SAME', 2), ...fused('BiasAdd', 'Relu6') },
    weights: { w: floats(3, 3, 3, 4), bias: floats(4) },
  }),
  one('a leaky one', [1, 5, 5, 3], '_FusedConv2D', {
    attr: { ...conv('VALID'), ...fused('BiasAdd', 'LeakyRelu'), leakyrelu_alpha: { f: 0.3 } },
    weights: { w: floats(3, 3, 3, 4), bias: floats(4) },
  }),
  one('depthwise with a multiplier', [1, 6, 6, 3], 'DepthwiseConv2dNative', {
    attr: conv('SAME', 2),
    weights: { w: floats(3, 3, 3, 2) },
  }),
  one('depthwise with a bias', [1, 6, 6, 3], 'FusedDepthwiseConv2dNative', {
    attr: { ...conv('SAME'), ...fused('BiasAdd', 'Relu') },
    weights: { w: floats(3, 3, 3, 1), bias: floats(3) },
  }),
  {
    name: 'a frame of its own becomes the convolution’s',
    input: { shape: [1, 6, 6, 2] },
    nodes: [
      { name: 'pad', op: 'Pad', input: ['x', 'pads'], attr: { T: float } },
      { name: 'out', op: 'Conv2D', input: ['pad', 'w'], attr: conv('VALID', 2) },
    ],
    weights: { pads: ints([0, 0, 1, 0, 0, 2, 0, 0], [4, 2]), w: floats(3, 3, 2, 2) },
    outputs: ['out', 'pad'],
  },
  {
    name: 'a frame that a mean must not lose, and one of channels',
    input: { shape: [1, 6, 6, 2] },
    nodes: [
      { name: 'pad', op: 'Pad', input: ['x', 'pads'], attr: { T: float } },
      { name: 'mean', op: 'AvgPool', input: ['pad'], attr: pool('VALID', 3, 3) },
      { name: 'deep', op: 'Pad', input: ['x', 'deepPads'], attr: { T: float } },
      { name: 'out', op: 'Conv2D', input: ['deep', 'w'], attr: conv('VALID') },
    ],
    weights: {
      pads: ints([0, 0, 1, 2, 1, 2, 0, 0], [4, 2]),
      deepPads: ints([0, 0, 0, 0, 0, 0, 1, 1], [4, 2]),
      w: floats(1, 1, 4, 2),
    },
    outputs: ['mean', 'out'],
  },
  {
    name: 'a graph that another converter left in channels-first order',
    input: { shape: [1, 3, 8, 8] },
    nodes: [
      { name: 'pad', op: 'Pad', input: ['x', 'pads'], attr: { T: float } },
      { name: 'last', op: 'Transpose', input: ['pad', 'toLast'], attr: { T: float } },
      { name: 'conv', op: 'Conv2D', input: ['last', 'w'], attr: conv('VALID') },
      { name: 'first', op: 'Transpose', input: ['conv', 'toFirst'], attr: { T: float } },
      { name: 'shift', op: 'AddV2', input: ['first', 'b'], attr: { T: float } },
      { name: 'leaky', op: 'LeakyRelu', input: ['shift'], attr: { T: float, alpha: { f: 0.1 } } },
      { name: 'frame', op: 'PadV2', input: ['leaky', 'pads', 'low'], attr: { T: float } },
      { name: 'again', op: 'Transpose', input: ['frame', 'toLast'], attr: { T: float } },
      { name: 'pool', op: 'MaxPool', input: ['again'], attr: pool('VALID', 3, 2) },
      { name: 'back', op: 'Transpose', input: ['pool', 'toFirst'], attr: { T: float } },
      { name: 'both', op: 'ConcatV2', input: ['back', 'back', 'axis'], attr: { T: float, N: int(2) } },
      { name: 'parts', op: 'SplitV', input: ['both', 'sizes', 'axis'], attr: { T: float, num_split: int(2) } },
      { name: 'flat', op: 'Reshape', input: ['parts:1', 'shape'], attr: { T: float } },
      { name: 'out', op: 'Transpose', input: ['flat', 'turn'], attr: { T: float } },
    ],
    weights: {
      ...{ pads: ints([0, 0, 0, 0, 1, 1, 1, 1], [4, 2]), toLast: ints([0, 2, 3, 1]), toFirst: ints([0, 3, 1, 2]) },
      ...{ w: floats(3, 3, 3, 4), b: floats(1, 4, 1, 1), low: number(Number.NEGATIVE_INFINITY), axis: scalar(1) },
      ...{ sizes: ints([3, 5]), shape: ints([1, 5, -1]), turn: ints([0, 2, 1]) },
    },
    outputs: ['out', 'back'],
  },
  one('the largest, SAME', [1, 7, 6, 2], 'MaxPool', { attr: pool('SAME', 3, 2) }),
  one('the mean, SAME', [1, 7, 6, 2], 'AvgPool', { attr: pool('SAME', 3, 2) }),
  resize('larger, between pixel centres', 'ResizeBilinear', [11, 9], false, true),
  resize('larger, corner on corner', 'ResizeBilinear', [11, 9], true, false),
  resize('larger, the old way', 'ResizeBilinear', [11, 9], false, false),
  resize('smaller, between pixel centres', 'ResizeBilinear', [3, 4], false, true),
  resize('nearest, by pixel centres', 'ResizeNearestNeighbor', [10, 14], false, true),
  resize('nearest, the old way', 'ResizeNearestNeighbor', [10, 14], false, false),
  reduce('Mean', [1, 2], false),
  reduce('Mean', [1, 2], true),
  reduce('Sum', [3], false),
  reduce('Max', [-1], false),
  reduce('Max', [2], true),
  {
    name: 'the place of the largest channel',
    input: { shape: [1, 6, 5, 4] },
    nodes: [
      { name: 'conv', op: 'Conv2D', input: ['x', 'w'], attr: conv('SAME') },
      { name: 'out', op: 'ArgMax', input: ['conv', 'axis'], attr: { T: float } },
    ],
    weights: { w: floats(1, 1, 4, 3), axis: scalar(-1) },
    outputs: ['out'],
  },
  binary('FloorDiv', 'int32', 7),
  binary('FloorDiv', 'int32', -3),
  binary('FloorMod', 'int32', 7),
  binary('FloorDiv', 'float32', 0.3),
  binary('Maximum', 'int32', 2),
  binary('SquaredDifference', 'float32', 0.7),
  slice(
    'a row that falls away',
    [4, 5, 6],
    [
      [1, 0, 2],
      [2, 0, 6],
      [1, 1, 1],
    ],
    { begin: 2, end: 2, shrink_axis: 1 },
  ),
  slice(
    'backwards',
    [4, 5],
    [
      [-1, 3],
      [0, -5],
      [-1, -2],
    ],
    {},
  ),
  slice(
    'new axes',
    [4, 5],
    [
      [0, 0, 1],
      [0, 0, 4],
      [1, 1, 1],
    ],
    { begin: 1, end: 1, new_axis: 2 },
  ),
  slice(
    'an ellipsis',
    [2, 3, 4],
    [
      [0, 1],
      [0, 3],
      [1, 1],
    ],
    { ellipsis: 1 },
  ),
  {
    ...one('axes taken apart', [2, 3, 4], 'Unpack', { attr: { axis: int(1), num: int(3) } }),
    outputs: ['out', 'out:1', 'out:2'],
  },
  one('repeated', [2, 3], 'Tile', { weights: { times: ints([2, 2]) } }),
  one('backwards along axes', [2, 3, 4], 'ReverseV2', { weights: { axes: ints([0, 2]) } }),
  one('the best three', [2, 12], 'TopKV2', { attr: { sorted: { b: true } }, weights: { k: scalar(3) } }),
  one('gathered', [5, 4], 'GatherV2', { weights: { at: ints([3, 0, 3], [3]), axis: scalar(0) } }),
  one('gathered by places', [5, 4], 'GatherNd', { weights: { at: ints([3, 0, 1, 2], [2, 2]) } }),
  one('a softmax', [2, 7], 'Softmax'),
  one('multiplied', [2, 6], '_FusedMatMul', {
    attr: { ...fused('BiasAdd', 'Relu'), transpose_a: { b: false }, transpose_b: { b: false } },
    weights: { w: floats(6, 3), bias: floats(3) },
  }),
  one('slopes of channels', [1, 3, 3, 4], 'Prelu', { weights: { slope: floats(4) } }),
  one('weights of 16-bit floats', [1, 4, 4, 2], 'Conv2D', {
    attr: conv('SAME'),
    weights: { w: { ...floats(3, 3, 2, 2), quantization: { dtype: 'float16' } } },
  }),
  one('weights of scaled bytes', [1, 4, 4, 2], 'Conv2D', {
    attr: conv('SAME'),
    weights: { w: { ...floats(3, 3, 2, 2), quantization: { dtype: 'uint8', scale: 0.015, min: -1.9 } } },
  }),
  {
    name: 'a grid reckoned from the shape of a picture',
    input: { shape: [1, 4, 6, 2] },
    nodes: [
      { name: 'shape', op: 'Shape', input: ['x'], attr: { T: float } },
      { name: 'height', op: 'StridedSlice', input: ['shape', 'i1', 'i2', 'i1'], attr: { shrink_axis_mask: int(1) } },
      { name: 'half', op: 'FloorDiv', input: ['height', 'two'], attr: { T: whole } },
      { name: 'end', op: 'Cast', input: ['half'], attr: { SrcT: whole, DstT: float } },
      { name: 'steps', op: 'Range', input: ['zero', 'end', 'unit'], attr: { Tidx: float } },
      { name: 'dims', op: 'Pack', input: ['six', 'half'], attr: { T: whole, N: int(2), axis: int(0) } },
      { name: 'ones', op: 'Fill', input: ['dims', 'unit'], attr: { T: float } },
      { name: 'grid', op: 'Mul', input: ['ones', 'steps'], attr: { T: float } },
      { name: 'out', op: 'AddV2', input: ['x', 'grid'], attr: { T: float } },
    ],
    weights: { i1: ints([1]), i2: ints([2]), two: scalar(2), six: scalar(6), zero: number(0), unit: number(1) },
    outputs: ['out'],
  },
  {
    name: 'fewer axes beside a picture in channels-first order',
    input: { shape: [1, 4, 6, 3] },
    nodes: [
      { name: 'conv', op: 'Conv2D', input: ['x', 'w'], attr: conv('SAME') },
      { name: 'mean', op: 'Mean', input: ['conv', 'axes'], attr: { T: float, keep_dims: { b: false } } },
      { name: 'shift', op: 'Sub', input: ['conv', 'mean'], attr: { T: float } },
      { name: 'is', op: 'Greater', input: ['shift', 'zero'], attr: { T: float } },
      { name: 'out', op: 'Select', input: ['is', 'shift', 'conv'], attr: { T: float } },
    ],
    weights: { w: floats(1, 1, 3, 3), axes: ints([0, 1, 2]), zero: number(0) },
    outputs: ['out', 'shift'],
  },
];

/** The case as TensorFlow.js stores a model. */
export const filesOf = ({ input, nodes, weights = {}, outputs }: OpCase): { json: string; bytes: Uint8Array } => {
  const dim = input.shape.map((size) => ({ size: String(size) }));
  const parts = Object.values(weights).map(bytesOf);
  const specs = Object.entries(weights).map(([name, { values, ...spec }]) => ({ name, ...spec }));
  const json = {
    format: 'graph-model',
    signature: { outputs: Object.fromEntries(outputs.map((name) => [name, { name }])) },
    modelTopology: {
      versions: { producer: 1, minConsumer: 1 },
      node: [
        {
          name: 'x',
          op: 'Placeholder',
          attr: { dtype: input.type === 'int32' ? whole : float, shape: { shape: { dim } } },
        },
        ...specs.map(({ name, dtype }) => ({ name, op: 'Const', attr: { dtype: dtype === 'int32' ? whole : float } })),
        ...nodes,
      ],
    },
    weightsManifest: [{ paths: ['x.bin'], weights: specs }],
  };
  return { json: JSON.stringify(json), bytes: Buffer.concat(parts) };
};

const bytesOf = ({ shape, dtype, values, quantization }: Weight, at: number): Uint8Array => {
  const length = shape.reduce((a, b) => a * b, 1);
  const numbers = values ?? Array.from({ length }, (_, i) => (disorder(i + at * 1_000) - 500) / 400);
  if (quantization?.dtype === 'uint8') return Uint8Array.from(numbers, (_, i) => disorder(i) % 256);
  // Halves with small exponents and every kind of fraction.
  if (quantization)
    return new Uint8Array(Uint16Array.from(numbers, (_, i) => 0x3000 + disorder(i) + (i % 2) * 0x8000).buffer);
  return new Uint8Array((dtype === 'int32' ? Int32Array : Float32Array).from(numbers).buffer);
};

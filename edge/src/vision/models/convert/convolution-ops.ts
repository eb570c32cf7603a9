import { activations } from './elementwise-ops.js';
import type { Emit, OpContext } from './op-context.js';
import { transposed } from './tensor.js';
import { channelsFirst, type Value } from './value.js';

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
}

interface Placed {
  readonly source: Value;
  /** As ONNX has it: top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly size: readonly [number, number];
}

const pair = (list: readonly number[]): [number, number] => [list[1] ?? 1, list[2] ?? 1];

/**
 * Where a window goes over a picture. `SAME` becomes the frame that TensorFlow would add (one more below and to the right
 * where it is odd); a frame that a `Pad` before it made is taken over, if it is filled as the window would fill it.
 */
const place = (op: OpContext, value: Value, { kernel, strides, dilations }: Window, fill: number): Placed => {
  if (op.text('data_format', 'NHWC') !== 'NHWC') op.refuse('is not in NHWC');
  const reach = [0, 1].map((i) => (kernel[i as 0] - 1) * dilations[i as 0] + 1) as [number, number];
  const padding = op.text('padding');
  if (padding === 'SAME') {
    const size = [0, 1].map((i) => Math.ceil((value.shape[i + 1] as number) / strides[i as 0])) as [number, number];
    const whole = [0, 1].map((i) =>
      Math.max(0, ((size[i] as number) - 1) * strides[i as 0] + reach[i as 0] - (value.shape[i + 1] as number)),
    ) as [number, number];
    const [top, left] = whole.map((pad) => Math.floor(pad / 2)) as [number, number];
    return { source: value, pads: [top, left, whole[0] - top, whole[1] - left], size };
  }
  if (padding !== 'VALID') op.refuse(`has padding ${padding}`);
  const size = [0, 1].map(
    (i) => Math.floor(((value.shape[i + 1] as number) - reach[i as 0]) / strides[i as 0]) + 1,
  ) as [number, number];
  const { framed } = value;
  const pads = framed?.pads;
  const flat = (pad: readonly [number, number] | undefined) => pad?.[0] === 0 && pad[1] === 0;
  if (framed && pads?.length === 4 && framed.fill === fill && flat(pads[0]) && flat(pads[3])) {
    const [, [top, bottom] = [0, 0], [left, right] = [0, 0]] = pads;
    return { source: framed.inner, pads: [top, left, bottom, right], size };
  }
  return { source: value, pads: [0, 0, 0, 0], size };
};

interface Kernel {
  readonly weights: string;
  readonly kernel: readonly [number, number];
  readonly channels: number;
  readonly groups: number;
}

/** TensorFlow keeps [height, width, in, out], ONNX [out, in of the group, height, width]. */
const fullKernel = (op: OpContext): Kernel => {
  const weights = op.constant(1);
  const [height, width, depth, channels] = weights.shape as [number, number, number, number];
  return {
    weights: op.build.constant(transposed(weights, [3, 2, 0, 1])),
    kernel: [height, width],
    channels,
    groups: (op.input(0).shape[3] as number) / depth,
  };
};

/** [height, width, channel, multiplier]: every channel is a group of its own. */
const depthwiseKernel = (op: OpContext): Kernel => {
  const weights = op.constant(1);
  const [height, width, depth, multiplier] = weights.shape as [number, number, number, number];
  const moved = transposed(weights, [2, 3, 0, 1]);
  return {
    weights: op.build.constant({ ...moved, shape: [depth * multiplier, 1, height, width] }),
    kernel: [height, width],
    channels: depth * multiplier,
    groups: depth,
  };
};

const convolution =
  (kernelOf: (op: OpContext) => Kernel): Emit =>
  (op) => {
    const { weights, kernel, channels, groups } = kernelOf(op);
    const window = { kernel, strides: pair(op.list('strides')), dilations: pair(op.list('dilations')) };
    const { source, pads, size } = place(op, op.input(0), window, 0);
    const [bias, ...fused] = op.texts('fused_ops');
    if (bias !== undefined && bias !== 'BiasAdd') op.refuse(`has ${bias} built in`);
    const inputs = [op.build.form(source, channelsFirst), weights];
    if (bias) inputs.push(op.build.form(op.input(2)));
    let name = op.build.node('Conv', inputs, {
      strides: window.strides,
      dilations: window.dilations,
      kernel_shape: kernel,
      pads,
      group: groups,
    });
    for (const what of fused) name = builtIn(op, what, name);
    return op.build.value('float32', [op.input(0).shape[0] as number, ...size, channels], name, channelsFirst);
  };

const builtIn = (op: OpContext, what: string, name: string): string => {
  if (what === 'Prelu') {
    const slope = op.constant(3);
    const shape = [slope.shape.at(-1) as number, 1, 1];
    return op.build.node('PRelu', [name, op.build.constant({ ...slope, shape })]);
  }
  const make = activations[what] ?? op.refuse(`has ${what} built in`);
  return make(op, name);
};

const pool =
  (onnx: 'MaxPool' | 'AveragePool'): Emit =>
  (op) => {
    const value = op.input(0);
    const window: Window = { kernel: pair(op.list('ksize')), strides: pair(op.list('strides')), dilations: [1, 1] };
    // ONNX leaves the frame out of a mean, as TensorFlow's SAME does: a frame of zeros has to stay.
    const fill = onnx === 'MaxPool' ? Number.NEGATIVE_INFINITY : Number.NaN;
    const { source, pads, size } = place(op, value, window, fill);
    const name = op.build.node(onnx, [op.build.form(source, channelsFirst)], {
      kernel_shape: window.kernel,
      strides: window.strides,
      pads,
    });
    const shape = [value.shape[0] as number, ...size, value.shape[3] as number];
    return op.build.value('float32', shape, name, channelsFirst);
  };

const resize =
  (mode: 'linear' | 'nearest'): Emit =>
  (op) => {
    const value = op.input(0);
    const [height, width] = op.numbers(1) as [number, number];
    const [corners, centres] = [op.flag('align_corners'), op.flag('half_pixel_centers')];
    const [batch, , , channels] = value.shape as [number, number, number, number];
    const sizes = op.build.integers([batch, channels, height, width]);
    const name = op.build.node('Resize', [op.build.form(value, channelsFirst), '', '', sizes], {
      mode,
      coordinate_transformation_mode: corners ? 'align_corners' : centres ? 'half_pixel' : 'asymmetric',
      ...(mode === 'nearest' && { nearest_mode: corners || centres ? 'round_prefer_ceil' : 'floor' }),
    });
    return op.build.value('float32', [batch, height, width, channels], name, channelsFirst);
  };

export const convolutionOps: Readonly<Record<string, Emit>> = {
  Conv2D: convolution(fullKernel),
  _FusedConv2D: convolution(fullKernel),
  DepthwiseConv2dNative: convolution(depthwiseKernel),
  FusedDepthwiseConv2dNative: convolution(depthwiseKernel),
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
};

import { HubError } from '@hallhub/shared';
import type { ConstantTensor } from '../convert/tensor.js';
import type { Attribute, TfGraph, TfNode } from './graph.js';

/** Residual blocks in their order; a `down` one halves the picture and may have more channels than the one before. */
const blocks = [
  ...['conv32_1', 'conv32_2', 'conv32_3', 'conv64_down', 'conv64_1', 'conv64_2', 'conv64_3', 'conv128_down'],
  ...['conv128_1', 'conv128_2', 'conv256_down', 'conv256_1', 'conv256_2', 'conv256_down_out'],
] as const;
const inputName = 'input';
const outputName = 'embedding';

/**
 * dlib's face network (29 convolutions, 128 numbers a face): its package holds the weights by name and no graph, so the
 * graph is written down here. Throws `invalid_input` where a weight is missing or has another shape.
 */
export const residualFaceGraph = (constants: ReadonlyMap<string, ConstantTensor>, side: number): TfGraph => {
  const net = new Net(constants);
  let at: Flow = { node: inputName, size: side, channels: 3 };
  at = net.relu(net.convolution(at, 'conv32_down', { stride: 2, padding: 'VALID' }));
  at = net.pool(at, 'MaxPool', { size: 3, stride: 2 });
  for (const name of blocks) at = name.includes('_down') ? net.halving(at, name) : net.residual(at, name);
  const mean = net.add('Mean', [at.node, net.integers([1, 2])], { keep_dims: false });
  net.add('MatMul', [mean, net.weight('fc', [at.channels, 128])], {}, outputName);
  return {
    nodes: net.nodes,
    constants: net.constants,
    inputs: [{ name: inputName, type: 'float32', shape: [1, side, side, 3] }],
    outputs: [outputName],
  };
};

/** A square of `size` pixels with so many channels, as a node gives it. */
interface Flow {
  readonly node: string;
  readonly size: number;
  readonly channels: number;
}

class Net {
  readonly nodes = new Map<string, TfNode>();
  readonly constants: Map<string, ConstantTensor>;
  #made = 0;

  constructor(weights: ReadonlyMap<string, ConstantTensor>) {
    this.constants = new Map(weights);
  }

  add(op: string, inputs: readonly string[], attributes: Record<string, Attribute>, name = this.#name()): string {
    this.nodes.set(name, { name, op, inputs, attributes: new Map(Object.entries(attributes)) });
    return name;
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const name = this.#name();
    this.constants.set(name, { type: 'int32', shape, data: Int32Array.from(values) });
    return name;
  }

  weight(name: string, shape: readonly number[]): string {
    const there = this.constants.get(name);
    if (there?.shape.join() !== shape.join()) {
      throw new HubError('invalid_input', `the weight ${name} is ${there?.shape.join(' x ') ?? 'missing'}`, {
        context: { wanted: shape.join(' x ') },
      });
    }
    return name;
  }

  /** With the scale and shift that stand after each convolution. */
  convolution(from: Flow, name: string, { stride, padding }: { stride: 1 | 2; padding: 'VALID' | 'SAME' }): Flow {
    const filters = `${name}/conv/filters`;
    const [kernel = 0, , , channels = 0] = this.constants.get(filters)?.shape ?? [];
    const attributes = { strides: [1, stride, stride, 1], dilations: [1, 1, 1, 1], padding };
    const weights = this.weight(filters, [kernel, kernel, from.channels, channels]);
    const made = this.add('Conv2D', [from.node, weights], attributes);
    const biased = this.add('AddV2', [made, this.weight(`${name}/conv/bias`, [channels])], {});
    const scaled = this.add('Mul', [biased, this.weight(`${name}/scale/weights`, [channels])], {});
    const node = this.add('AddV2', [scaled, this.weight(`${name}/scale/biases`, [channels])], {});
    return { node, size: padding === 'SAME' ? from.size : Math.floor((from.size - kernel) / stride) + 1, channels };
  }

  relu(from: Flow): Flow {
    return { ...from, node: this.add('Relu', [from.node], {}) };
  }

  pool(from: Flow, op: 'MaxPool' | 'AvgPool', { size, stride }: { size: number; stride: number }): Flow {
    const attributes = { ksize: [1, size, size, 1], strides: [1, stride, stride, 1], padding: 'VALID' };
    return {
      ...from,
      ...{ node: this.add(op, [from.node], attributes), size: Math.floor((from.size - size) / stride) + 1 },
    };
  }

  residual(from: Flow, name: string): Flow {
    const first = this.relu(this.convolution(from, `${name}/conv1`, { stride: 1, padding: 'SAME' }));
    const second = this.convolution(first, `${name}/conv2`, { stride: 1, padding: 'SAME' });
    return this.#sum(second, from);
  }

  /** What goes past is halved by means; the smaller one of the two gets a frame of zeros below, to the right and in depth. */
  halving(from: Flow, name: string): Flow {
    const first = this.relu(this.convolution(from, `${name}/conv1`, { stride: 2, padding: 'VALID' }));
    const second = this.convolution(first, `${name}/conv2`, { stride: 1, padding: 'SAME' });
    const past = this.pool(from, 'AvgPool', { size: 2, stride: 2 });
    const size = Math.max(second.size, past.size);
    return this.#sum(this.#widen(second, size, second.channels), this.#widen(past, size, second.channels));
  }

  #sum(a: Flow, b: Flow): Flow {
    return this.relu({ ...a, node: this.add('AddV2', [a.node, b.node], {}) });
  }

  #widen(from: Flow, size: number, channels: number): Flow {
    const [more, deeper] = [size - from.size, channels - from.channels];
    if (more === 0 && deeper === 0) return from;
    const frame = this.integers([0, 0, 0, more, 0, more, 0, deeper], [4, 2]);
    return { node: this.add('Pad', [from.node, frame], {}), size, channels };
  }

  #name(): string {
    return `n${this.#made++}`;
  }
}

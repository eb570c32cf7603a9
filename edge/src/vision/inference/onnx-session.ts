import { HubError } from '@hallhub/shared';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ModelInput } from '../models/model-card.js';
import type { OutputShapes, Outputs } from './decoders/index.js';
import type { InputNumbers } from './letterbox.js';

export interface SessionOptions {
  /** Threads that one run may use; 1 where several cameras share few cores. */
  readonly threads?: number;
  /** Tried in this order; `cpu` is always there. */
  readonly providers?: readonly string[];
}

/** One model in onnxruntime. Its runs block the thread they are called on. */
export class OnnxSession implements AsyncDisposable {
  readonly #session: InferenceSession;
  readonly #input: ModelInput;
  readonly #names: readonly string[];

  private constructor(session: InferenceSession, input: ModelInput, names: readonly string[]) {
    this.#session = session;
    this.#input = input;
    this.#names = names;
  }

  /** `names` are the outputs that are wanted. Throws `configuration` where the model has other inputs or outputs. */
  static async open(
    bytes: Uint8Array,
    {
      input,
      names,
      threads = 1,
      providers = ['cpu'],
    }: SessionOptions & { input: ModelInput; names: readonly string[] },
  ): Promise<OnnxSession> {
    const session = await create(bytes, threads, providers);
    const complaint = complaintAbout(session, input, names);
    if (complaint === undefined) return new OnnxSession(session, input, names);
    await session.release();
    throw new HubError('configuration', complaint);
  }

  get outputShapes(): OutputShapes {
    return Object.fromEntries(
      this.#session.outputMetadata.flatMap((meta) =>
        meta.isTensor ? [[meta.name, meta.shape.map((size) => (typeof size === 'number' ? size : undefined))]] : [],
      ),
    );
  }

  async run(data: InputNumbers): Promise<Outputs> {
    const { name, width, height, layout, type } = this.#input;
    const shape = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
    const results = await this.#session.run({ [name]: new Tensor(type, data as never, shape) }, [...this.#names]);
    const outputs: Record<string, { data: Float32Array; shape: readonly number[] }> = {};
    for (const wanted of this.#names) {
      const tensor = results[wanted];
      if (tensor?.type !== 'float32')
        throw new HubError('configuration', `the output ${wanted} is not of 32-bit floats`);
      outputs[wanted] = { data: tensor.data as Float32Array, shape: tensor.dims };
    }
    return outputs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }
}

const create = async (bytes: Uint8Array, threads: number, providers: readonly string[]): Promise<InferenceSession> => {
  try {
    return await InferenceSession.create(bytes, {
      executionProviders: [...providers],
      graphOptimizationLevel: 'all',
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 3,
      // A second thread that waits by spinning takes the core that the decoders need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    throw new HubError('unsupported', `onnxruntime cannot open the model: ${(cause as Error).message}`, { cause });
  }
};

const complaintAbout = (session: InferenceSession, input: ModelInput, names: readonly string[]): string | undefined => {
  const there = session.inputMetadata.find(({ name }) => name === input.name);
  if (!there?.isTensor) return `the model’s inputs are ${session.inputNames.join(', ')}, its card says ${input.name}`;
  if (session.inputNames.length > 1) return `the model wants ${session.inputNames.length} inputs`;
  if (there.type !== input.type) return `the model’s input is ${there.type}, its card says ${input.type}`;
  const { width, height } = input;
  const wanted = input.layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const fits =
    there.shape.length === 4 &&
    there.shape.every((size, i) => typeof size !== 'number' || size < 1 || size === wanted[i]);
  if (!fits) return `the model’s input is ${there.shape.join(' x ')}, its card says ${wanted.join(' x ')}`;
  const lacking = names.filter((name) => !session.outputNames.includes(name));
  return lacking.length > 0
    ? `the model’s outputs are ${session.outputNames.join(', ')}; its card wants ${lacking.join(', ')}`
    : undefined;
};

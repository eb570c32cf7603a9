import { Worker } from 'node:worker_threads';
import { HubError } from '@hallhub/shared';
import type { Detection, Face, PictureBytes, Pose } from './detector.js';
import type { Answered, Asked, OpenedRunner } from './model-thread-contract.js';
import { type AbsentModel, isAbsent, type LookingRole, type OpenOptions, type RunnerOfRole } from './open-models.js';

type Question = Asked extends infer One ? (One extends Asked ? Omit<One, 'id'> : never) : never;

interface Waiting {
  readonly settle: (result: Extract<Answered, { result: unknown }>['result']) => void;
  readonly fail: (error: HubError) => void;
}

/**
 * Models on a thread of their own: a run blocks whoever calls it, and pipes of ffmpeg, pictures of evidence and beats are not to wait for it.
 * Begun with the first model. What breaks there is thrown here, uncaught: the process ends, and its supervisor starts it again.
 */
export class ModelThread implements AsyncDisposable {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #last = 0;
  #ended = false;

  /** As `openRole`, whose runner then lives on the thread. */
  async open<R extends LookingRole>(
    folder: string,
    role: R,
    options: OpenOptions = {},
  ): Promise<RunnerOfRole[R] | AbsentModel> {
    const opened = (await this.#ask({ kind: 'open', folder, role, options })) as OpenedRunner | AbsentModel;
    return isAbsent(opened) ? opened : (this.#runner(opened) as unknown as RunnerOfRole[R]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    for (const { fail } of this.#waiting.values()) fail(new HubError('cancelled', 'the models are closed'));
    this.#waiting.clear();
    await this.#worker?.terminate();
  }

  #runner({ runner, model, thresholds, labels }: OpenedRunner) {
    const look = ({ width, height, rgb }: PictureBytes) => {
      // A copy that is handed over: rules and evidence still need the picture.
      const copy = new Uint8Array(rgb);
      return this.#ask({ kind: 'look', runner, width, height, rgb: copy }, [copy.buffer]);
    };
    return {
      ...{ model, thresholds, labels },
      detect: (picture: PictureBytes) => look(picture) as Promise<readonly Detection[]>,
      estimate: (picture: PictureBytes) => look(picture) as Promise<readonly Pose[]>,
      find: (picture: PictureBytes) => look(picture) as Promise<readonly Face[]>,
      [Symbol.asyncDispose]: async () => {
        if (!this.#ended) await this.#ask({ kind: 'close', runner });
      },
    };
  }

  #ask(question: Question, transfer: ArrayBuffer[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(new HubError('cancelled', 'the models are closed'));
    this.#worker ??= this.#begin();
    const worker = this.#worker;
    const id = ++this.#last;
    return new Promise((settle, fail) => {
      this.#waiting.set(id, { settle, fail });
      worker.postMessage({ ...question, id }, transfer);
    });
  }

  #begin(): Worker {
    const worker = startWorker();
    worker.on('message', (answered: Answered) => {
      const waiting = this.#waiting.get(answered.id);
      this.#waiting.delete(answered.id);
      if ('error' in answered) {
        const { code, message, hint, context } = answered.error;
        waiting?.fail(new HubError(code, message, { context, ...(hint === undefined ? {} : { hint }) }));
      } else waiting?.settle(answered.result);
    });
    worker.on('error', (cause) => {
      throw new HubError('bug', `the thread of the models broke: ${cause.message}`, { cause });
    });
    worker.on('exit', (code) => {
      if (!this.#ended) throw new HubError('bug', `the thread of the models ended with ${code}`);
    });
    return worker;
  }
}

const startWorker = (): Worker => {
  const main = new URL(import.meta.url.replace(/model-thread\.(?=[jt]s$)/, 'model-thread-main.'));
  if (main.pathname.endsWith('.js')) return new Worker(main);
  // From source a thread has no loader of its own.
  const [loader, entry] = [import.meta.resolve('tsx/esm/api'), main.href].map((url) => JSON.stringify(url));
  return new Worker(`import(${loader}).then(({ register }) => (register(), import(${entry})))`, { eval: true });
};

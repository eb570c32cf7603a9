import { connect, type Socket } from 'node:net';
import { HubError } from '@hallhub/shared';
import {
  type LocalItem,
  type LocalMethod,
  type LocalParams,
  type LocalResult,
  type LocalStream,
  localMethods,
  responseSchema,
} from '../local-api/contract.js';

interface Waiting {
  item?: (item: unknown) => void;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** One connection to the agent of this unit. Answers are checked against the contract, so an older agent is told, not guessed. */
export class LocalClient implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #held = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#take(chunk));
    socket.on('close', () =>
      this.#endAll(new HubError('link_lost', 'The agent closed the connection', { hint: 'hub logs' })),
    );
    socket.on('error', () => undefined);
  }

  static open(socketPath: string, dataDir: string): Promise<LocalClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(socketPath);
      socket.once('connect', () => resolve(new LocalClient(socket)));
      socket.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(error, socketPath, dataDir)));
    });
  }

  async call<M extends LocalMethod>(method: M, params: LocalParams<M>): Promise<LocalResult<M>> {
    const result = await this.#request(method, params);
    return this.#check(method, localMethods[method].result.safeParse(result)) as LocalResult<M>;
  }

  /** Runs until the agent ends it or `signal` aborts, which is an ordinary end. */
  async stream<M extends LocalStream>(
    method: M,
    params: LocalParams<M>,
    options: { signal: AbortSignal; item: (item: LocalItem<M>) => void },
  ): Promise<void> {
    const schema = localMethods[method].item;
    await this.#request(method, params, options.signal, (item) =>
      options.item(this.#check(method, schema.safeParse(item)) as LocalItem<M>),
    );
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #check(method: string, parsed: { success: boolean; data?: unknown; error?: unknown }): unknown {
    if (parsed.success) return parsed.data;
    throw new HubError('protocol_violation', `The agent's answer to ${method} is not understood`, {
      cause: parsed.error,
      hint: 'The agent and this hub command are of different versions; use the one installed with the agent.',
    });
  }

  #request(method: string, params: unknown, signal?: AbortSignal, item?: (item: unknown) => void): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const cancel = () => this.#socket.write(`${JSON.stringify({ id, cancel: true })}\n`);
      const done = () => {
        signal?.removeEventListener('abort', cancel);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        ...(item ? { item } : {}),
        resolve: (result) => {
          done();
          resolve(result);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', cancel, { once: true });
      this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  #take(chunk: string): void {
    this.#held += chunk;
    const lines = this.#held.split('\n');
    this.#held = lines.pop() ?? '';
    for (const line of lines) this.#answer(line);
  }

  #answer(line: string): void {
    const parsed = responseSchema.safeParse(JSON.parse(line));
    if (!parsed.success) {
      this.#endAll(new HubError('protocol_violation', 'The agent said something that is not an answer'));
      return;
    }
    const response = parsed.data;
    if ('error' in response && response.id === null) {
      this.#endAll(asError(response.error));
      return;
    }
    const waiting = response.id === null ? undefined : this.#waiting.get(response.id);
    if (!waiting) return;
    if ('item' in response) {
      try {
        waiting.item?.(response.item);
      } catch (error) {
        waiting.reject(error as Error);
      }
    } else if ('result' in response) waiting.resolve(response.result);
    else waiting.reject(asError(response.error));
  }

  #endAll(error: Error): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(error);
  }
}

const asError = (error: { code: HubError['code']; message: string; hint?: string | undefined }): HubError =>
  new HubError(error.code, error.message, error.hint === undefined ? {} : { hint: error.hint });

const unreachable = (cause: NodeJS.ErrnoException, socketPath: string, dataDir: string): HubError => {
  const context = { socketPath, dataDir };
  if (cause.code === 'EACCES') {
    return new HubError('forbidden', `No permission to talk to the agent at ${socketPath}`, {
      cause,
      context,
      hint: 'Run hub as the user the agent runs as, or with sudo.',
    });
  }
  return new HubError('link_refused', `No agent answers for ${dataDir} (${socketPath})`, {
    cause,
    context,
    hint: 'Is the agent running? Start it, or name its data folder with --data DIR.',
  });
};

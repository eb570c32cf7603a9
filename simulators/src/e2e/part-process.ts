import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface PartMessage {
  readonly type: string;
  readonly [key: string]: unknown;
}

export interface PartProcess extends AsyncDisposable {
  readonly pid: number;
  readonly ready: PartMessage;
  readonly messages: readonly PartMessage[];
  /** Standard error so far, for the reader of a failed test. */
  readonly log: () => string;
  /** Sends the process a message of its own kind. */
  ask(message: PartMessage): void;
  /** Power cut for the process: SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Clean stop; rejects when it takes far longer than the 9 s after which it ends by itself. */
  stop(): Promise<number>;
}

export interface PartOptions {
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly readyWithinMs?: number;
  /** Runs the compiled form, as `npm start` does; left out: where `npm test` has just compiled it. */
  readonly built?: boolean;
  /** More arguments for Node itself, such as an import before everything else. */
  readonly nodeArgs?: readonly string[];
  /** What is run in Node's place, with its arguments. */
  readonly execPath?: string;
}

export interface FailedStart {
  readonly fatal: PartMessage | undefined;
  readonly exitCode: number;
  readonly log: string;
}

/** The compiled form starts in less than half the time; `npm test` says by this that it is up to date. */
const isBuilt = process.env.HALLHUB_TEST_BUILT === '1';

/** How Node runs a program of ours, named by its source: its own flags, then the file. */
export const nodeCommand = (entry: string, built = isBuilt): string[] =>
  built
    ? [`${root}${entry.replace('/src/', '/dist/').replace(/\.ts$/, '.js')}`]
    : ['--import=tsx', '--conditions=hallhub-source', `${root}${entry}`];

const forkPart = (entry: string, options: PartOptions): ChildProcess => {
  const command = nodeCommand(entry, options.built);
  return fork(command.at(-1) as string, [...options.args], {
    execArgv: [...command.slice(0, -1), ...(options.nodeArgs ?? [])],
    ...(options.execPath === undefined ? {} : { execPath: options.execPath }),
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
};

/** Starts a process that is expected not to come up, and tells how it ended. */
export const failToStart = async (entry: string, options: PartOptions): Promise<FailedStart> => {
  const child = forkPart(entry, options);
  const messages: PartMessage[] = [];
  let log = '';
  const keep = (chunk: Buffer) => {
    log += chunk.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('message', (message: PartMessage) => {
    messages.push(message);
    if (message.type === 'ready') child.kill('SIGKILL');
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.readyWithinMs ?? 180_000);
  const exitCode = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  clearTimeout(timer);
  return { fatal: messages.find(({ type }) => type === 'fatal'), exitCode, log };
};

/** Starts one of HallHub's processes, as the launcher does, and waits until it says ready. */
export const startPart = async (entry: string, options: PartOptions): Promise<PartProcess> => {
  const child = forkPart(entry, options);
  const messages: PartMessage[] = [];
  let log = '';
  const keep = (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-200_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const ready = await new Promise<PartMessage>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${entry} was not ready in time\n${log}`)),
      options.readyWithinMs ?? 180_000,
    );
    child.on('message', (message: PartMessage) => {
      messages.push(message);
      if (messages.length > 5000) messages.splice(0, 1000);
      if (message.type === 'ready') {
        clearTimeout(timer);
        resolve(message);
      }
      if (message.type === 'fatal') {
        clearTimeout(timer);
        reject(Object.assign(new Error(`${entry}: ${String(message.message)}`), { fatal: message, log }));
      }
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`${entry} ended with ${code} before it was ready\n${log}`));
    });
  });
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? -1;
    child.send({ type: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${entry} did not stop in 40 s\n${log}`)), 40_000);
    });
    try {
      return await Promise.race([exited, late]);
    } catch (error) {
      await kill();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    pid: child.pid ?? 0,
    ready,
    messages,
    log: () => log,
    ask: (message) => void child.send(message),
    kill,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
};

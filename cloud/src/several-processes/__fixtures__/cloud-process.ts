import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loader, programOf } from '../../__fixtures__/program.js';

interface Ready {
  readonly http: string;
  readonly firstUser?: { readonly userName: string; readonly oneTimePassword: string };
}

/** `main.ts` as a process of its own, without a broker; may be killed and started again. */
export class CloudProcess {
  child!: ChildProcess;
  ready!: Ready;
  readonly #env: NodeJS.ProcessEnv;
  readonly #dataDir: string;
  errors = '';

  constructor(dataDir: string, extra: NodeJS.ProcessEnv) {
    this.#dataDir = dataDir;
    this.#env = { ...process.env, HALLHUB_LOG_LEVEL: 'warn', HALLHUB_BACKUP: 'off', ...extra };
  }

  async start(): Promise<this> {
    const args = [
      '--data',
      this.#dataDir,
      '--port',
      '0',
      '--mqtts-port',
      'off',
      '--unit-port',
      'off',
      '--mqtt-port',
      'off',
    ];
    const child = fork(programOf('main'), args, {
      execArgv: [...loader],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: this.#env,
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-20_000);
    });
    this.child = child;
    this.ready = await new Promise<Ready>((resolve, reject) => {
      child.on('message', (message: { type: string }) => {
        if (message.type === 'ready') resolve(message as unknown as Ready);
        if (message.type === 'fatal') reject(new Error(JSON.stringify(message)));
      });
      child.once('exit', (code, signal) => reject(new Error(`the cloud ended with ${signal ?? code}: ${this.errors}`)));
    });
    return this;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<number> {
    const gone = once(this.child, 'exit');
    this.child.send({ type: 'stop' });
    return (await gone)[0] as number;
  }
}

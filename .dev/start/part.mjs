import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { Failure } from '../lib/failure.mjs';
import { openPartLog } from './part-log.mjs';

const STOP_MS = 12_000;
const SILENT_MS = 120_000;
const HEALTHY_MS = 60_000;
const BACK_OFF_MS = [500, 1000, 2000, 5000, 10_000, 30_000];

/**
 * One supervised process of the hall. Emits `progress`, `ready`, `status`, `filming` (the part's messages), `down`
 * ({ exit, retryInMs, tail, fatal }) and `state`. The first `start()` fails loudly; later deaths are restarted with back-off.
 */
export class Part extends EventEmitter {
  #spec;
  #log;
  #child;
  #leaving;
  #settleStart;
  #retry;
  #silence;
  #failures = 0;
  #fatal;
  #stopping = false;
  state = 'off';
  since = Date.now();
  restarts = 0;
  ready;
  status;

  /** spec: { name, main, args: () => string[], cwd, logFile, env?, sweep?, timing? } */
  constructor(spec) {
    super();
    this.#spec = { timing: {}, ...spec };
    this.#log = openPartLog(spec.logFile);
  }

  get name() {
    return this.#spec.name;
  }

  get logFile() {
    return this.#log.file;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Starts the process; resolves with its ready message, rejects with a Failure when it ends or says fatal before. */
  start() {
    if (!fs.existsSync(this.#spec.main)) {
      const error = new Failure(`${this.name} is not built: ${this.#spec.main} is missing.`, {
        code: 'part-missing',
        exitCode: 1,
      });
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject };
      this.#spawn();
    });
  }

  /** Stops cleanly and waits for the end; a process that does not end in time is killed. */
  async stop() {
    this.#stopping = true;
    clearTimeout(this.#retry);
    this.#settleStart?.reject(new Failure(`${this.name} was stopped while starting.`, { code: 'stopped' }));
    this.#settleStart = undefined;
    const killed = await this.#end();
    this.#enter('off');
    this.#log.close();
    return { killed };
  }

  /** Stops and starts again on purpose, with fresh arguments; `start()`'s promise again. */
  async restart() {
    await this.#end();
    if (this.#stopping) throw new Failure(`${this.name} was stopped while starting.`, { code: 'stopped' });
    return await this.start();
  }

  /** Stops and starts again on purpose while the hall runs: a start that fails is retried like after any death. */
  async bounce() {
    clearTimeout(this.#retry);
    await this.#end();
    if (!this.#stopping) this.#spawn();
  }

  /** Says something to the process, if it runs. */
  tell(message) {
    if (this.state === 'running' && this.#child?.connected) this.#child.send(message, () => {});
  }

  /** Ends the process and everything it started, at once. */
  kill() {
    this.#killGroup(this.#child?.pid);
    this.#child?.kill('SIGKILL');
  }

  async #end() {
    const child = this.#child;
    if (!child) return false;
    let killed = false;
    this.#leaving = child;
    this.#enter('stopping');
    const timer = setTimeout(() => {
      killed = true;
      this.kill();
    }, this.#spec.timing.stopMs ?? STOP_MS);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    this.#send({ type: 'stop' });
    await ended;
    clearTimeout(timer);
    return killed;
  }

  #spawn() {
    this.#fatal = undefined;
    this.#log.clear();
    this.#enter('starting');
    const child = fork(this.#spec.main, this.#spec.args(), {
      cwd: this.#spec.cwd,
      env: { ...process.env, NODE_ENV: 'production', ...this.#spec.env },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A session of its own: Ctrl-C reaches the launcher alone, which stops the parts in order.
      detached: true,
    });
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (chunk) => this.#log.write(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => this.#log.write(chunk));
    child.on('message', (message) => this.#onMessage(message));
    child.once('error', (error) => this.#log.write(`${error.message}\n`));
    child.once('exit', (code, signal) => this.#onExit(child, { code, signal }));
    this.#watchSilence();
  }

  #onMessage(message) {
    if (!message || typeof message !== 'object') return;
    this.#watchSilence();
    if (message.type === 'progress') {
      this.emit('progress', message);
    } else if (message.type === 'ready') {
      clearTimeout(this.#silence);
      this.ready = message;
      this.#enter('running');
      const first = this.#settleStart;
      this.#settleStart = undefined;
      this.emit('ready', message);
      first?.resolve(message);
    } else if (message.type === 'status') {
      this.status = message;
      this.emit('status', message);
    } else if (message.type === 'filming') {
      this.emit('filming', message);
    } else if (message.type === 'fatal') {
      this.#fatal = message;
    }
  }

  #onExit(child, exit) {
    clearTimeout(this.#silence);
    if (this.#child === child) this.#child = undefined;
    if (this.#spec.sweep) this.#killGroup(child.pid);
    if (this.#stopping || this.#leaving === child) return;
    const failure = this.#describe(exit);
    if (this.#settleStart) {
      const { reject } = this.#settleStart;
      this.#settleStart = undefined;
      this.#enter('failed');
      // Output still in the pipes belongs to the message.
      setImmediate(() => reject(this.#describe(exit)));
      return;
    }
    if (this.state === 'running' && Date.now() - this.since > (this.#spec.timing.healthyMs ?? HEALTHY_MS))
      this.#failures = 0;
    const steps = this.#spec.timing.backOffMs ?? BACK_OFF_MS;
    const retryInMs = steps[Math.min(this.#failures, steps.length - 1)];
    this.#failures++;
    this.restarts++;
    this.#enter('waiting');
    this.emit('down', { exit, failure, retryInMs });
    this.#retry = setTimeout(() => this.#spawn(), retryInMs);
  }

  #describe({ code, signal }) {
    const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
    if (this.#fatal) {
      const { message, hint = '', code: reason } = this.#fatal;
      return new Failure(`${this.name}: ${message}`, {
        hint,
        code: reason ?? 'part-failed',
        exitCode: code === 2 ? 2 : 1,
      });
    }
    const options = {
      tail: this.#log.tail(),
      hint: `Whole log: ${this.#log.file}`,
      code: 'part-failed',
      exitCode: code === 2 ? 2 : 1,
    };
    return new Failure(`${this.name} ${how}.`, options);
  }

  #watchSilence() {
    clearTimeout(this.#silence);
    if (this.state !== 'starting') return;
    const silentMs = this.#spec.timing.silentMs ?? SILENT_MS;
    this.#silence = setTimeout(() => {
      this.#fatal ??= {
        message: `said nothing for ${Math.round(silentMs / 1000)} s while starting.`,
        hint: `Its log: ${this.#log.file}`,
      };
      this.kill();
    }, silentMs);
  }

  #send(message) {
    const child = this.#child;
    if (!child?.connected) {
      child?.kill('SIGTERM');
      return;
    }
    child.send(message, (error) => {
      if (error) child.kill('SIGTERM');
    });
  }

  #killGroup(pid) {
    if (!pid) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
    }
  }

  #enter(state) {
    this.state = state;
    this.since = Date.now();
    this.emit('state', state);
  }
}

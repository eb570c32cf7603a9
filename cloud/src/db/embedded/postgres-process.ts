import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Clock, HubError } from '@hallhub/shared';
import type { DbLogger } from '../logger.js';
import type { NativeBinaries } from './native-binaries.js';
import { isReady, ownerSetting } from './running-server.js';
import type { ServerAccount } from './server-account.js';

export interface StartServerOptions {
  readonly binaries: NativeBinaries;
  readonly account: ServerAccount;
  readonly pgData: string;
  readonly socketDir: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly logger: DbLogger;
  readonly signal?: AbortSignal | undefined;
}

export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lastLines: readonly string[];
}

const baseSettings = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '128MB',
  max_wal_size: '512MB',
  checkpoint_timeout: '15min',
  // Logs kept for a backup that has not fetched them: beyond this the disk comes first, and the gap is reported.
  max_slot_wal_keep_size: '4GB',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Ours to report: errors of single statements reach their callers, and their text may hold personal data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_line_prefix: '',
  logging_collector: 'off',
};

/** Replaying the log after a power cut may take minutes on a slow disk; progress is logged by the server itself. */
const readyTimeoutMs = 300_000;

/** One life of the server. `exited` settles whenever and however it ends. */
export class PostgresProcess {
  readonly pid: number;
  readonly exited: Promise<ServerExit>;
  readonly #child: ChildProcess;
  readonly #clock: Clock;
  readonly #killAtExit = (): void => void this.#child.kill('SIGINT');

  private constructor(child: ChildProcess, exited: Promise<ServerExit>, clock: Clock) {
    this.#child = child;
    this.pid = child.pid as number;
    this.exited = exited;
    this.#clock = clock;
    process.once('exit', this.#killAtExit);
    void exited.then(() => process.removeListener('exit', this.#killAtExit));
  }

  /** Resolves once connections are taken. */
  static async start(options: StartServerOptions): Promise<PostgresProcess> {
    const { binaries, account, pgData, socketDir, clock, signal } = options;
    const settings = {
      ...baseSettings,
      unix_socket_directories: socketDir,
      ...options.settings,
      [ownerSetting]: String(process.pid),
    };
    const child = spawn(
      binaries.postgres,
      ['-D', pgData, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        uid: account.uid,
        gid: account.gid,
        cwd: '/',
        env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' },
        stdio: ['ignore', 'ignore', 'pipe'],
        // A session of its own: Ctrl-C in the terminal must reach HallHub alone, which then stops the server last.
        detached: true,
      },
    );
    const exited = watch(child, options.logger);
    if (child.pid === undefined) {
      const { lastLines } = await exited;
      throw new HubError('configuration', `the database server could not be started: ${lastLines.join(' ')}`);
    }
    const server = new PostgresProcess(child, exited, clock);
    let exit: ServerExit | undefined;
    void exited.then((result) => {
      exit = result;
    });
    const startMs = clock.monotonicMs();
    try {
      while (!isReady(pgData, server.pid)) {
        if (exit) throw startFailed(exit, pgData);
        if (clock.monotonicMs() - startMs > readyTimeoutMs) {
          throw new HubError(
            'timeout',
            `the database in ${pgData} took no connections within ${readyTimeoutMs / 1000} s`,
          );
        }
        await clock.sleep(10, signal);
      }
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Fast shutdown (waits for nobody, writes a checkpoint), after `fastMs` an immediate one (replayed at the next start). */
  async stop(fastMs = 7_000): Promise<ServerExit> {
    const steps: [NodeJS.Signals, number][] = [
      ['SIGINT', fastMs],
      ['SIGQUIT', 2_000],
      ['SIGKILL', 2_000],
    ];
    for (const [name, waitMs] of steps) {
      this.#child.kill(name);
      const exit = await this.#exitWithin(waitMs);
      if (exit) return exit;
    }
    return this.exited;
  }

  #exitWithin(waitMs: number): Promise<ServerExit | undefined> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimeout(() => resolve(undefined), waitMs);
      void this.exited.then((exit) => {
        timer.cancel();
        resolve(exit);
      });
    });
  }
}

const watch = (child: ChildProcess, logger: DbLogger): Promise<ServerExit> => {
  const lastLines: string[] = [];
  const note = (line: string): void => {
    lastLines.push(line);
    if (lastLines.length > 12) lastLines.shift();
  };
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      note(line);
      const severity = /^(DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):\s+(.*)/.exec(line);
      const text = `postgres: ${severity?.[2] ?? line}`;
      if (severity?.[1] === 'PANIC' || severity?.[1] === 'FATAL') logger.warn(text);
      else logger.debug(text);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      note(error.message);
      if (child.pid === undefined) resolve({ code: null, signal: null, lastLines });
    });
    // Not 'close': orphaned back ends of a killed server hold its standard error open for a moment longer.
    child.once('exit', (code, signal) => setImmediate(() => resolve({ code, signal, lastLines })));
  });
};

const startFailed = (exit: ServerExit, pgData: string): HubError => {
  const text =
    exit.lastLines.filter((line) => /FATAL|PANIC|HINT|DETAIL|ERROR/.test(line)).join(' ') || exit.lastLines.join(' ');
  const context = { exitCode: exit.code, signal: exit.signal, lines: exit.lastLines };
  if (/lock file .* already exists|pre-existing shared memory/.test(text)) {
    return new HubError('store_busy', `the data folder ${pgData} is in use by another PostgreSQL server`, { context });
  }
  if (/No space left/.test(text))
    return new HubError('store_full', `the disk of ${pgData} is full`, { context, hint: 'free some space' });
  if (/Permission denied|Read-only file system|could not (create|write|open) lock file/.test(text)) {
    return new HubError('store_unwritable', `the database in ${pgData} cannot be written: ${text}`, {
      context,
      hint: 'give its owner the right to write there, or choose another folder with --data DIR',
    });
  }
  if (/invalid data|could not locate a valid checkpoint|is not compatible|incompatible/.test(text)) {
    return new HubError('store_corrupt', `the database in ${pgData} cannot be opened: ${text}`, {
      context,
      hint: 'restore a backup',
    });
  }
  return new HubError('unavailable', `the database server ended while starting: ${text}`, { context });
};

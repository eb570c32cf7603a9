import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, HubError, isHubError, systemClock, toHubError } from '@hallhub/shared';
import type { DbLogger } from '../logger.js';
import { type DataLocation, locateData, makeSocketFolder, rememberLocation } from './data-location.js';
import { clusterMajor, initialiseCluster, readSecret, resetSecret, type Secret } from './initialise-cluster.js';
import { findNativeBinaries, type NativeBinaries } from './native-binaries.js';
import { PostgresProcess, type ServerExit } from './postgres-process.js';
import { hasStaleLock, stopOrphan } from './running-server.js';
import { type ServerAccount, serverAccount } from './server-account.js';

export interface EmbeddedServerOptions {
  /** HallHub's data folder; made if missing. */
  readonly dataDir: string;
  readonly logger: DbLogger;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
  /** Server settings on top of ours, for tests and benches. */
  readonly settings?: Readonly<Record<string, string>>;
  /** False only for throw-away data: nothing is flushed to disk. */
  readonly durable?: boolean;
  /** A copy out of a backup, which holds no passwords: new ones are expected. */
  readonly restored?: boolean;
}

export interface ServerHealth {
  readonly state: 'up' | 'restarting' | 'stopped' | 'failed';
  readonly restarts: number;
  readonly reason?: string;
}

const firstBackoffMs = 100;
const maxBackoffMs = 30_000;
const stableAfterMs = 60_000;

/** A private PostgreSQL server on one data folder: started, watched, restarted after a crash, stopped with us. */
export class EmbeddedServer {
  readonly location: DataLocation;
  readonly secret: Secret;
  readonly socketDir: string;
  readonly binaries: NativeBinaries;
  readonly account: ServerAccount;
  readonly #options: EmbeddedServerOptions;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  #server: PostgresProcess | undefined;
  #health: ServerHealth = { state: 'stopped', restarts: 0 };
  #supervision: Promise<void> = Promise.resolve();

  private constructor(parts: {
    location: DataLocation;
    secret: Secret;
    socketDir: string;
    binaries: NativeBinaries;
    account: ServerAccount;
    options: EmbeddedServerOptions;
  }) {
    this.location = parts.location;
    this.secret = parts.secret;
    this.socketDir = parts.socketDir;
    this.binaries = parts.binaries;
    this.account = parts.account;
    this.#options = parts.options;
    this.#clock = parts.options.clock ?? systemClock;
  }

  /**
   * Errors: `store_busy` (another HallHub or server has the folder), `store_unwritable`, `store_full`, `store_corrupt`,
   * `configuration` (no usable programs or account), each with a hint.
   */
  static async open(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
    const { logger, signal, clock = systemClock, durable = true } = options;
    signal?.throwIfAborted();
    const account = serverAccount();
    const location = locateData(options.dataDir, account, logger);
    const major = clusterMajor(location.pgData);
    const binaries = findNativeBinaries({ account, copyFolders: location.copyFolders, major, logger });

    let secret: Secret | undefined;
    if (major === undefined) {
      secret = await initialiseCluster(location, binaries, account, { durable });
      rememberLocation(location);
    } else {
      await stopOrphan(location.pgData, { clock, logger, signal });
      secret = readSecret(location);
      if (!secret) {
        if (!options.restored) {
          logger.warn(
            { folder: location.hubDir },
            'the database password file is missing or damaged: new passwords are set',
          );
        }
        if (hasStaleLock(location.pgData)) rmSync(join(location.pgData, 'postmaster.pid'), { force: true });
        secret = await resetSecret(location, binaries, account);
      }
    }
    const socketDir = makeSocketFolder(location.pgData, account);
    const server = new EmbeddedServer({ location, secret, socketDir, binaries, account, options });
    await server.#startOnce(signal);
    server.#supervision = server.#supervise();
    return server;
  }

  get health(): ServerHealth {
    return this.#health;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  /** Stops the server and waits for it; the caller has closed its connections. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#server?.stop();
    await this.#supervision;
    this.#health = { state: 'stopped', restarts: this.#health.restarts };
    rmSync(this.socketDir, { recursive: true, force: true });
  }

  async #startOnce(signal: AbortSignal | undefined): Promise<void> {
    const { pgData } = this.location;
    const { logger } = this.#options;
    if (hasStaleLock(pgData)) {
      logger.warn({ pgData }, 'removing the lock file of a database server that no longer runs');
      rmSync(join(pgData, 'postmaster.pid'), { force: true });
    }
    this.#server = await PostgresProcess.start({
      binaries: this.binaries,
      account: this.account,
      pgData,
      socketDir: this.socketDir,
      settings: {
        ...(this.#options.durable === false
          ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
          : undefined),
        ...this.#options.settings,
      },
      clock: this.#clock,
      logger,
      signal,
    });
    this.#health = { state: 'up', restarts: this.#health.restarts };
    logger.debug(
      { pid: this.#server.pid, socketDir: this.socketDir, programs: this.binaries.source },
      'database server is up',
    );
  }

  async #supervise(): Promise<void> {
    const { logger } = this.#options;
    let backoffMs = firstBackoffMs;
    while (!this.#stopping.signal.aborted && this.#server) {
      const startMs = this.#clock.monotonicMs();
      let exit: ServerExit | undefined = await this.#server.exited;
      if (this.#clock.monotonicMs() - startMs > stableAfterMs) backoffMs = firstBackoffMs;
      while (!this.#stopping.signal.aborted) {
        const reason = exit
          ? `the database server ended (${exit.signal ?? `exit code ${exit.code}`})`
          : this.#health.reason;
        this.#health = {
          state: 'restarting',
          restarts: this.#health.restarts + 1,
          ...(reason ? { reason } : undefined),
        };
        if (exit) logger.error({ lastLines: exit.lastLines, backoffMs }, `${reason}: restarting it`);
        exit = undefined;
        try {
          await this.#clock.sleep(backoffMs, this.#stopping.signal);
          backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
          if (!existsSync(this.location.pgData)) throw new HubError('store_corrupt', `${this.location.pgData} is gone`);
          await stopOrphan(this.location.pgData, { clock: this.#clock, logger, signal: this.#stopping.signal });
          await this.#startOnce(this.#stopping.signal);
          logger.info({ restarts: this.#health.restarts }, 'the database server is back');
          break;
        } catch (error) {
          if (this.#stopping.signal.aborted) return;
          const hubError = toHubError(error);
          logger.error({ err: hubError, hint: hubError.hint, backoffMs }, 'the database server could not be restarted');
          this.#health = { ...this.#health, reason: hubError.message };
          if (isHubError(error, 'store_busy') && backoffMs >= maxBackoffMs)
            this.#health = { ...this.#health, state: 'failed' };
        }
      }
    }
  }
}

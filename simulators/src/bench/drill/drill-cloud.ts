import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import { type PartProcess, startPart } from '../../e2e/part-process.js';
import { freePort } from '../../free-port.js';
import { residentMemoryOf } from '../process-figures.js';

export interface DrillCloudOptions {
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly brokerPort: number;
  readonly built: boolean;
  /** Beside what the drill sets. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The database may be away for a while, and the machine slow. */
const startWithinMs = 240_000;

/** One of the cloud's processes: killed with SIGKILL and started again at its address. */
export class DrillCloud implements AsyncDisposable {
  readonly http: string;
  readonly #options: DrillCloudOptions;
  readonly #port: number;
  #process: PartProcess | undefined;
  #peakRssBytes = 0;
  failedStarts = 0;
  /** Ended by themselves after they had started. */
  crashes = 0;
  firstUser: { readonly userName: string; readonly oneTimePassword: string } | undefined;

  private constructor(options: DrillCloudOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.http = `http://127.0.0.1:${port}`;
  }

  static async make(options: DrillCloudOptions): Promise<DrillCloud> {
    return new DrillCloud(options, await freePort());
  }

  /** As a service manager does: one that ends by itself, also while it starts, is started again, and counted. */
  async start(): Promise<void> {
    const endMs = performance.now() + startWithinMs;
    for (;;) {
      try {
        return await this.#startOnce();
      } catch (error) {
        this.failedStarts += 1;
        if (performance.now() > endMs) throw error;
        await systemClock.sleep(2_000);
      }
    }
  }

  async #startOnce(): Promise<void> {
    const { dataDir, databaseUrl, brokerPort, built, env } = this.#options;
    const off = ['--mqtts-port', 'off', '--unit-port', 'off', '--mqtt-port', 'off'];
    this.#process = await startPart('cloud/src/main.ts', {
      args: ['--data', join(dataDir), '--port', String(this.#port), ...off],
      built,
      readyWithinMs: 180_000,
      env: {
        DATABASE_URL: databaseUrl,
        HALLHUB_MQTT_URL: `mqtt://127.0.0.1:${brokerPort}`,
        HALLHUB_SECRET: 'a secret that both processes of the drill share',
        HALLHUB_BACKUP: 'off',
        HALLHUB_LOG_LEVEL: 'warn',
        HALLHUB_API_ADDRESS_RATE: '1000000',
        HALLHUB_API_ACCOUNT_RATE: '1000000',
        ...env,
      },
    });
    this.firstUser ??= this.#process.ready.firstUser as DrillCloud['firstUser'];
  }

  async kill(): Promise<void> {
    this.look();
    await this.#process?.kill();
    this.#process = undefined;
  }

  /** Starts it again where it ended by itself. */
  async revive(): Promise<void> {
    const running = this.#process;
    if (!running || isAlive(running.pid)) return;
    this.crashes += 1;
    this.#process = undefined;
    await this.start();
  }

  /** Highest resident memory of any of its lives. */
  look(): number {
    try {
      if (this.#process)
        this.#peakRssBytes = Math.max(this.#peakRssBytes, residentMemoryOf(this.#process.pid).peakBytes);
    } catch {
      // It just ended.
    }
    return this.#peakRssBytes;
  }

  log(): string {
    return this.#process?.log() ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

import { join } from 'node:path';
import { type PartProcess, startPart } from '../../e2e/part-process.js';
import { freePort } from '../../free-port.js';
import { residentMemoryOf } from '../process-figures.js';

export interface DrillCloudOptions {
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly brokerPort: number;
  readonly built: boolean;
}

/** One of the cloud's processes: killed with SIGKILL and started again at its address. */
export class DrillCloud implements AsyncDisposable {
  readonly http: string;
  readonly #options: DrillCloudOptions;
  readonly #port: number;
  #process: PartProcess | undefined;
  #peakRssBytes = 0;
  firstUser: { readonly userName: string; readonly oneTimePassword: string } | undefined;

  private constructor(options: DrillCloudOptions, port: number) {
    this.#options = options;
    this.#port = port;
    this.http = `http://127.0.0.1:${port}`;
  }

  static async make(options: DrillCloudOptions): Promise<DrillCloud> {
    return new DrillCloud(options, await freePort());
  }

  async start(): Promise<void> {
    const { dataDir, databaseUrl, brokerPort, built } = this.#options;
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
      },
    });
    this.firstUser ??= this.#process.ready.firstUser as DrillCloud['firstUser'];
  }

  async kill(): Promise<void> {
    this.look();
    await this.#process?.kill();
    this.#process = undefined;
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

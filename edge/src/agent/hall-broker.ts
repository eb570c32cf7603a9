import path from 'node:path';
import { type Clock, toHubError } from '@hallhub/shared';
import { Broker, type Gatekeeper, readTls } from '../broker/index.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { FaultBook } from '../devices/index.js';
import type { Logger } from '../ports/index.js';
import type { Chores } from './chores.js';

export interface HallBrokerOptions {
  readonly config: EdgeConfig['broker'];
  /** Files of its TLS are named relative to it. */
  readonly configFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gatekeeper: Gatekeeper;
  readonly faults: FaultBook;
  readonly chores: Chores;
  readonly onStatus: () => void;
}

const retryMs = 10_000;

/** The broker that the hall's devices dial, as far as it can be opened: a port in use does not keep the unit from its other work. */
export class HallBroker {
  readonly #options: HallBrokerOptions;
  #broker: Broker | undefined;
  #failure: string | undefined;

  constructor(options: HallBrokerOptions) {
    this.#options = options;
  }

  get broker(): Broker | undefined {
    return this.#broker;
  }

  /** Why it does not run. */
  get failure(): string | undefined {
    return this.#failure;
  }

  get url(): string | undefined {
    const { external, host } = this.#options.config;
    if (external) return external;
    const port = this.#broker?.port;
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return port === undefined ? undefined : `mqtt://${name}:${port}`;
  }

  /** `strict`: rejects where it cannot be opened; else it is tried again. */
  async start(strict: boolean): Promise<void> {
    const { config, configFolder, clock, logger, gatekeeper, faults, chores, onStatus } = this.#options;
    if (config.external) return;
    const { host, port, maxConnections, maxMessagesPerSecond, maxBytesPerSecond } = config;
    try {
      const broker = new Broker({
        ...{ host, port, clock, logger, maxConnections, maxMessagesPerSecond, maxBytesPerSecond },
        tls: config.tls && readTls(config.tls, path.resolve(configFolder)),
        handlers: gatekeeper,
      });
      await broker.start();
      // Stopped meanwhile: nobody would close it.
      if (chores.signal.aborted) return await broker.stop();
      this.#broker = broker;
      this.#failure = undefined;
      logger.info({ url: this.url }, 'broker listens');
    } catch (error) {
      const failure = toHubError(error);
      if (strict) throw failure;
      this.#failure = [failure.message, failure.hint].filter(Boolean).join('. ');
      faults.report('broker_failed', this.#failure, failure.context);
      chores.run(async (signal) => {
        await clock.sleep(retryMs, signal);
        await this.start(false);
      });
    }
    onStatus();
  }

  async stop(): Promise<void> {
    const broker = this.#broker;
    this.#broker = undefined;
    await broker?.stop();
  }
}

import { type Clock, HubError, toHubError } from '@hallhub/shared';
import type { AdapterSection } from '../config/index.js';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  BrokerPort,
  DeviceView,
  Logger,
  ProfileSource,
} from '../ports/index.js';
import type { AsideBook } from './aside-book.js';
import { asidePayload } from './aside-payload.js';
import type { DeviceDesk } from './device-desk.js';
import type { DeviceRegistry } from './device-registry.js';
import type { FaultBook } from './fault-book.js';
import type { Intake } from './intake.js';

const stopLimitMs = 4_000;

export interface AdapterBoardParts {
  readonly registry: DeviceRegistry;
  readonly desk: DeviceDesk;
  readonly intake: Intake;
  readonly aside: AsideBook;
  readonly faults: FaultBook;
  readonly profiles: ProfileSource;
  readonly broker: BrokerPort | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onStatus: () => void;
}

export interface AdapterReport {
  readonly id: string;
  readonly protocol: Adapter['protocol'];
  readonly status: AdapterStatus;
  readonly counters: Readonly<Record<string, number>>;
}

interface Placed {
  readonly adapter: Adapter;
  readonly attached: Map<string, string>;
}

/** Makes the adapters, gives each what it may use, and tells them which devices are theirs. One that fails leaves the others alone. */
export class AdapterBoard {
  readonly #parts: AdapterBoardParts;
  readonly #placed = new Map<string, Placed>();
  /** Sections that never became an adapter. */
  readonly #failed: AdapterReport[] = [];
  #unlisten: (() => void) | undefined;

  constructor(parts: AdapterBoardParts) {
    this.#parts = parts;
  }

  get(adapterId: string): Adapter | undefined {
    return this.#placed.get(adapterId)?.adapter;
  }

  list(): readonly Adapter[] {
    return [...this.#placed.values()].map(({ adapter }) => adapter);
  }

  statuses(): AdapterReport[] {
    return [
      ...this.list().map((adapter) => ({
        id: adapter.id,
        protocol: adapter.protocol,
        status: adapter.status(),
        counters: adapter.counters?.() ?? {},
      })),
      ...this.#failed,
    ];
  }

  /** The host of an adapter that the agent makes itself. */
  host(adapterId: string, protocol: Adapter['protocol']): AdapterHost {
    const { registry, desk, intake, aside, faults, profiles, broker, clock, logger, onStatus } = this.#parts;
    return {
      clock,
      profiles,
      devices: registry,
      broker,
      logger: logger.child({ part: adapterId }),
      found: (found) => desk.found(adapterId, protocol, found),
      reading: (reading) => intake.reading(reading),
      event: (event) => intake.event(event),
      presence: (evidence) => intake.evidence(evidence),
      aside: ({ deviceId, payload, ...entry }) => {
        const device = deviceId === undefined ? undefined : registry.get(deviceId);
        void aside.put({ ...entry, ...(deviceId ? { deviceId } : {}), payload: asidePayload(device, payload) });
      },
      fault: (code, message, context) => faults.report(code, message, { adapterId, ...context }),
      statusChanged: onStatus,
    };
  }

  async start(own: readonly Adapter[], sections: readonly AdapterSection[]): Promise<void> {
    for (const adapter of own) await this.#start(adapter);
    await Promise.all(sections.map((section) => this.#make(section)));
    this.#unlisten = this.#parts.registry.onChange(({ device }) => this.#route(device));
    for (const device of this.#parts.registry.list()) this.#route(device);
  }

  async stop(): Promise<void> {
    this.#unlisten?.();
    const { clock, logger } = this.#parts;
    const abort = new AbortController();
    const late = clock.sleep(stopLimitMs, abort.signal).catch(() => undefined);
    const stops = this.list().map((adapter) =>
      adapter
        .stop()
        .catch((error) =>
          logger.error({ adapterId: adapter.id, error: String(error) }, 'an adapter did not stop cleanly'),
        ),
    );
    await Promise.race([Promise.all(stops), late]);
    abort.abort();
  }

  async #make(section: AdapterSection): Promise<void> {
    const { factory, id, config, errors } = section;
    if (errors.length > 0) {
      this.#fail(id, factory.protocol, errors.join('\n'));
      return;
    }
    try {
      await this.#start(factory.create(config, this.host(id, factory.protocol)));
    } catch (error) {
      this.#fail(id, factory.protocol, toHubError(error).message);
    }
  }

  async #start(adapter: Adapter): Promise<void> {
    if (this.#placed.has(adapter.id)) throw new HubError('configuration', `two adapters are called ${adapter.id}`);
    await adapter.start();
    this.#placed.set(adapter.id, { adapter, attached: new Map() });
  }

  #fail(id: string, protocol: Adapter['protocol'], reason: string): void {
    const { clock, faults } = this.#parts;
    this.#failed.push({ id, protocol, status: { state: 'failed', since: clock.now(), reason }, counters: {} });
    faults.report('adapter_failed', `the adapter ${id} does not run: ${reason}`, { adapterId: id });
  }

  /** Attached is what is active; attached anew when what the adapter goes by has changed. */
  #route(device: DeviceView): void {
    const { logger } = this.#parts;
    for (const [adapterId, { adapter, attached }] of this.#placed) {
      const mine = adapterId === device.adapterId && device.state === 'active';
      const key = JSON.stringify([device.address, device.profile?.hash, device.identity]);
      try {
        if (!mine && attached.delete(device.deviceId)) adapter.detach(device.deviceId);
        if (mine && attached.get(device.deviceId) !== key) {
          attached.set(device.deviceId, key);
          adapter.attach(device);
        }
      } catch (error) {
        logger.error(
          { adapterId, deviceId: device.deviceId, error: String(error) },
          'an adapter threw while a device was given to it',
        );
      }
    }
  }
}

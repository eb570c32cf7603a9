import { access } from 'node:fs/promises';
import { HubError, isHubError, isRetryable } from '@hallhub/shared';
import type { LineSettings, TemplateValues } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  CommandRequest,
  DeviceView,
  FoundDevice,
  LoadedProfile,
  Logger,
  Reading,
  ScanOptions,
} from '../../ports/index.js';
import { FairBus } from '../fair-bus.js';
import { type LinkOpener, serialLinkOpener, waitForPath } from '../links/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import type { SerialConfig } from './config.js';
import { askProbe, foundDevice, identifyPort } from './identify.js';
import { listSerialPorts } from './list-serial-ports.js';
import { newSerialCounters, SerialDevice } from './serial-device.js';
import { SerialSession } from './serial-session.js';

/** How a port is reached; tests put a link in memory here. */
export interface SerialTransport {
  open(path: string, line: LineSettings): LinkOpener;
  /** Resolves when something is plugged in there. */
  present(path: string, signal: AbortSignal): Promise<void>;
  exists(path: string): Promise<boolean>;
}

/** One serial port and the device on it. Survives unplugging: it waits for the port to come back and opens it again. */
export class SerialAdapter implements Adapter {
  readonly protocol = 'serial';
  readonly id: string;
  readonly #bus: FairBus<SerialSession>;
  readonly #run: SupervisedRun;
  readonly #logger: Logger;
  readonly #counters = newSerialCounters();
  readonly #transport: SerialTransport;
  #device: SerialDevice | undefined;
  #changed = new AbortController();

  constructor(
    private readonly config: SerialConfig,
    private readonly host: AdapterHost,
    transport?: SerialTransport,
  ) {
    this.id = config.id;
    this.#logger = host.logger.child({ adapter: config.id });
    this.#bus = new FairBus(host.clock);
    this.#transport = transport ?? {
      open: serialLinkOpener,
      present: (path, signal) => waitForPath(path, host.clock, signal),
      exists: (path) =>
        access(path).then(
          () => true,
          () => false,
        ),
    };
    this.#run = new SupervisedRun({
      clock: host.clock,
      logger: this.#logger,
      run: (context) => this.#work(context),
      onFailure: (error) => {
        if (!isRetryable(error)) host.fault(`adapter_${error.code}`, error.message, { adapter: config.id });
        else if (error.hint) host.fault('serial_port', `${error.message}: ${error.hint}`, { adapter: config.id });
      },
      onStatus: () => host.statusChanged(),
      maxBackoffMs: 10_000,
    });
  }

  async start(): Promise<void> {
    const { profile } = this.config;
    if (profile !== undefined && !this.host.profiles.get(profile)?.document.bindings.serial) {
      throw new HubError('configuration', `serial ${this.id}: there is no profile ${profile} with a serial binding`);
    }
    this.#run.start();
  }

  stop(): Promise<void> {
    return this.#run.stop();
  }

  status(): AdapterStatus {
    return this.#run.status();
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters, linkFailures: this.#run.counters.failures, waitingRequests: this.#bus.waitingJobs };
  }

  attach(view: DeviceView): void {
    const binding = view.profile?.document.bindings.serial;
    if (!view.profile || !binding) {
      this.host.fault('device_not_bound', `${view.address} cannot be used: its profile has no serial binding`, {
        deviceId: view.deviceId,
      });
      return;
    }
    if (this.#device) this.#bus.leave(this.#device);
    const params = this.config.params as TemplateValues;
    this.#device = new SerialDevice({ ...view, profile: view.profile }, binding, params, this.host, this.#counters);
    this.#bus.join(this.#device);
    this.#begin();
  }

  detach(deviceId: string): void {
    if (this.#device?.view.deviceId !== deviceId) return;
    this.#bus.leave(this.#device);
    this.#device = undefined;
    this.#begin();
  }

  async *discover({ signal, wide }: ScanOptions): AsyncIterable<FoundDevice> {
    const { path } = this.config;
    if (this.#device) {
      const found = await this.#recognise(this.#device, signal);
      if (found) yield found;
    }
    const others = wide ? (await listSerialPorts()).map((port) => port.path) : [];
    for (const one of new Set([...(this.#device ? [] : [path]), ...others.filter((other) => other !== path)])) {
      if (signal.aborted) return;
      try {
        const found = await this.#identify(one, signal);
        if (found) yield found;
      } catch (error) {
        // Busy, forbidden or gone: the other ports are looked at all the same.
        if (!isHubError(error, 'link_refused') && !isHubError(error, 'link_lost')) throw error;
        this.#logger.info({ err: error, path: one }, 'a port could not be looked at');
      }
    }
  }

  execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const device = this.#deviceOf(request.deviceId);
    return this.#bus.request((session) => device.execute(session, request), { signal: request.signal });
  }

  read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading> {
    const device = this.#deviceOf(deviceId);
    return this.#bus.request((session) => device.read(session, properties, signal), { signal });
  }

  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    const device = this.#deviceOf(deviceId);
    for (const [id, value] of Object.entries(values)) {
      await this.#bus.request((session) => device.write(session, id, value, signal), { signal });
    }
  }

  async #work(context: RunContext): Promise<void> {
    const { signal } = context;
    const { path } = this.config;
    while (!signal.aborted) {
      const changed = this.#changed.signal;
      const now = AbortSignal.any([signal, changed]);
      try {
        if (!(await this.#transport.exists(path))) await this.#waitForPort(context, now);
        if (this.#device) await this.#serve(this.#device, context, now);
        else await this.#lookForDevice(context, now);
      } catch (error) {
        // A device came or went: begin anew with its line settings.
        if (!changed.aborted || signal.aborted) throw error;
      }
    }
  }

  async #waitForPort({ waiting }: RunContext, signal: AbortSignal): Promise<void> {
    const { path } = this.config;
    waiting(`nothing is plugged in at ${path}`);
    this.#device?.linkDown(new HubError('link_refused', `nothing is plugged in at ${path}`), true);
    await this.#transport.present(path, signal);
  }

  async #serve(device: SerialDevice, { running }: RunContext, signal: AbortSignal): Promise<void> {
    const { path } = this.config;
    const opened = await this.#transport
      .open(path, this.config.line ?? device.binding.line)
      .open(signal)
      .catch((error) => {
        if (isHubError(error)) device.linkDown(error, error.context.errno === 'ENOENT');
        throw error;
      });
    const session = new SerialSession(opened, device.binding, this.host.clock, {
      frame: (frame) => device.unsolicited(frame),
      fault: (fault) => device.fault(fault),
    });
    const over = new AbortController();
    void session.closed.then((reason) => over.abort(reason));
    running();
    device.linkUp();
    try {
      await this.#bus.serve(session, AbortSignal.any([signal, over.signal]));
    } finally {
      await session.close();
    }
    signal.throwIfAborted();
    const reason: HubError = over.signal.reason;
    device.linkDown(reason, !(await this.#transport.exists(path)));
    throw reason;
  }

  async #lookForDevice({ running, waiting }: RunContext, signal: AbortSignal): Promise<void> {
    const { config, host } = this;
    const known = host.devices.findByAddress(this.id, config.path);
    const wanted = known === undefined || known.state === 'quarantined';
    const pinned = config.profile === undefined ? undefined : host.profiles.get(config.profile);
    if (wanted && pinned) {
      running();
      await host.found(foundDevice(pinned, undefined, { path: config.path, fallbackSerial: this.id }));
    } else if (wanted && config.discover) {
      const found = await this.#identify(config.path, signal);
      if (found) {
        running();
        await host.found(found);
      } else {
        waiting(`no known device answers at ${config.path}`);
      }
    } else {
      waiting(known ? `the device at ${config.path} is ${known.state}` : `no device is registered at ${config.path}`);
    }
    await host.clock.sleep(config.rediscoverEveryMs, signal);
  }

  #identify(path: string, signal: AbortSignal): Promise<FoundDevice | undefined> {
    const { config, host } = this;
    return identifyPort({
      path,
      fallbackSerial: path === config.path ? this.id : path.replace(/^\/dev\//, '').replaceAll('/', '-'),
      profiles: host.profiles.list(),
      clock: host.clock,
      signal,
      line: path === config.path ? config.line : undefined,
      open: (one, line) => this.#transport.open(one, line),
    });
  }

  /** Asks the device in use, on its own line, whether it still is who it was. */
  async #recognise(device: SerialDevice, signal: AbortSignal): Promise<FoundDevice | undefined> {
    const profile: LoadedProfile = device.view.profile;
    for (const rule of profile.document.match.serial) {
      const frame = await this.#bus.request((session) => askProbe(session, { binding: device.binding, rule }, signal), {
        signal,
      });
      if (frame) return foundDevice(profile, frame, { path: this.config.path, fallbackSerial: this.id });
    }
    return undefined;
  }

  #deviceOf(deviceId: string): SerialDevice {
    if (this.#device?.view.deviceId === deviceId) return this.#device;
    throw new HubError('not_found', `the port ${this.config.path} has no such device`, { context: { deviceId } });
  }

  #begin(): void {
    this.#changed.abort(new HubError('unavailable', 'the port begins anew'));
    this.#changed = new AbortController();
    this.#run.retryNow();
  }
}

import { access } from 'node:fs/promises';
import { HubError, isHubError, isRetryable } from '@hallhub/shared';
import type { LineSettings } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type {
  Adapter,
  AdapterHost,
  AdapterStatus,
  CommandRequest,
  DeviceView,
  FoundDevice,
  Logger,
  Reading,
  ScanOptions,
} from '../../ports/index.js';
import { abortScope } from '../abort-scope.js';
import { FairBus } from '../fair-bus.js';
import { type LinkOpener, serialLinkOpener, waitForPath } from '../links/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import { checkSlots } from './check-slots.js';
import { type SerialConfig, type Slot, slotsOf } from './config.js';
import { identifyPort } from './identify.js';
import { LineDevices } from './line-devices.js';
import { LineWatch } from './line-watch.js';
import { listSerialPorts } from './list-serial-ports.js';
import { newSerialCounters } from './serial-counters.js';
import { SerialSession } from './serial-session.js';
import { SlotSearch } from './slot-search.js';

/** How a port is reached; tests put a link in memory here. */
export interface SerialTransport {
  open(path: string, line: LineSettings): LinkOpener;
  /** Resolves when something is plugged in there. */
  present(path: string, signal: AbortSignal): Promise<void>;
  exists(path: string): Promise<boolean>;
}

/**
 * One serial port and the devices on it: one at a time is asked, each has its own presence. It survives unplugging: it waits
 * for the port to come back, opens whatever the path leads to then, and asks again who is there.
 */
export class SerialAdapter implements Adapter {
  readonly protocol = 'serial';
  readonly id: string;
  readonly #bus: FairBus<SerialSession>;
  readonly #run: SupervisedRun;
  readonly #logger: Logger;
  readonly #counters = newSerialCounters();
  readonly #transport: SerialTransport;
  readonly #slots: readonly Slot[];
  readonly #devices: LineDevices;
  readonly #search: SlotSearch;
  #session: SerialSession | undefined;
  #watch: LineWatch | undefined;
  #restart: (() => void) | undefined;

  constructor(
    private readonly config: SerialConfig,
    private readonly host: AdapterHost,
    transport?: SerialTransport,
  ) {
    this.id = config.id;
    this.#slots = slotsOf(config);
    this.#logger = host.logger.child({ adapter: config.id });
    this.#bus = new FairBus(host.clock);
    this.#devices = new LineDevices(config, this.#slots, { host, bus: this.#bus, counters: this.#counters });
    this.#search = new SlotSearch(config, this.#slots, host, this.#bus);
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
    checkSlots(this.config, this.host.profiles);
    this.#run.start();
    await this.#adviseStableName();
  }

  stop(): Promise<void> {
    return this.#run.stop();
  }

  status(): AdapterStatus {
    const status = this.#run.status();
    const trouble = status.state === 'running' ? this.#watch?.trouble : undefined;
    return trouble === undefined ? status : { ...status, reason: trouble };
  }

  counters(): Readonly<Record<string, number>> {
    return {
      ...this.#counters,
      garbageBytes: this.#watch?.garbageBytes ?? 0,
      linkFailures: this.#run.counters.failures,
      waitingRequests: this.#bus.waitingJobs,
    };
  }

  attach(view: DeviceView): void {
    const device = this.#devices.attach(view, () => this.#watch?.heard());
    if (!device) return;
    const isAlone = this.#devices.size === 1;
    if (!this.#session || (isAlone && !this.#devices.fitsLine(device, this.#session.line))) this.#begin();
    else this.#devices.join(device, this.#session);
  }

  detach(deviceId: string): void {
    if (this.#devices.forget(deviceId) && this.#devices.size === 0) this.#begin();
  }

  async *discover({ signal, wide }: ScanOptions): AsyncIterable<FoundDevice> {
    const { path } = this.config;
    if (this.#session) yield* this.#search.onOpenLine(this.#devices.all(), this.#session.line, signal);
    const ports = { wide: wide ?? false, skip: this.#session ? path : undefined };
    yield* this.#search.onPorts(ports, (one, slots) => this.#identify(one, slots, signal), signal);
  }

  execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const device = this.#devices.need(request.deviceId);
    return this.#bus.request((session) => device.execute(session, request), { signal: request.signal, owner: device });
  }

  read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading> {
    const device = this.#devices.need(deviceId);
    return this.#bus.request((session) => device.read(session, properties, signal), { signal, owner: device });
  }

  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    const device = this.#devices.need(deviceId);
    for (const [id, value] of Object.entries(values)) {
      await this.#bus.request((session) => device.write(session, id, value, signal), { signal, owner: device });
    }
  }

  async #work(context: RunContext): Promise<void> {
    const { signal } = context;
    const { path } = this.config;
    while (!signal.aborted) {
      using scope = abortScope(signal);
      const { signal: now } = scope;
      let hasChanged = false;
      this.#restart = () => {
        hasChanged = true;
        scope.abort(new HubError('unavailable', 'the port begins anew'));
      };
      try {
        if (!(await this.#transport.exists(path))) await this.#waitForPort(context, now);
        const [first] = this.#devices.all();
        if (first) await this.#serve(this.config.line ?? first.binding.line, context, now);
        else await this.#lookForDevices(context, now);
      } catch (error) {
        // A device came or went: begin anew with its line settings.
        if (!hasChanged || signal.aborted) throw error;
      }
    }
  }

  async #waitForPort({ waiting }: RunContext, signal: AbortSignal): Promise<void> {
    const { path } = this.config;
    waiting(`nothing is plugged in at ${path}`);
    this.#devices.linkDown(new HubError('link_refused', `nothing is plugged in at ${path}`), true);
    await this.#transport.present(path, signal);
  }

  async #serve(line: LineSettings, { running }: RunContext, signal: AbortSignal): Promise<void> {
    const { path } = this.config;
    const opened = await this.#transport
      .open(path, line)
      .open(signal)
      .catch((error) => {
        if (isHubError(error)) this.#devices.linkDown(error, error.context.errno === 'ENOENT');
        throw error;
      });
    const watch = new LineWatch({
      path,
      adapterId: this.id,
      line,
      host: this.host,
      counters: this.#counters,
      send: (bytes) => session.send(bytes),
      devicesOn: (channel) => this.#devices.all().filter((device) => session.channel(device.binding) === channel),
    });
    const session: SerialSession = new SerialSession(opened, this.host.clock, watch, line);
    using over = abortScope(signal);
    void session.closed.then((reason) => over.abort(reason));
    const both = over.signal;
    this.#session = session;
    this.#watch = watch;
    running();
    for (const device of this.#devices.all()) this.#devices.join(device, session);
    const serving = this.#bus.serve(session, both);
    const searching = this.#search.keepLooking(line, both);
    try {
      await serving;
    } finally {
      this.#session = undefined;
      over.abort(new HubError('unavailable', 'the port begins anew'));
      await session.close();
      await searching;
    }
    signal.throwIfAborted();
    const reason: HubError = await session.closed;
    this.#devices.linkDown(reason, !(await this.#transport.exists(path)));
    throw reason;
  }

  async #lookForDevices({ running, waiting }: RunContext, signal: AbortSignal): Promise<void> {
    const { config, host } = this;
    const wanted = this.#search.wanted();
    let found = 0;
    for (const one of this.#search.named(wanted)) {
      running();
      found++;
      await this.#search.register(one);
    }
    const asked = wanted.filter((slot) => !slot.isNamed);
    if (asked.length > 0 && config.discover) {
      for await (const one of this.#identify(config.path, asked, signal)) {
        running();
        found++;
        await this.#search.register(one);
      }
      if (found === 0) waiting(`no known device answers at ${config.path}`);
    } else if (found === 0) {
      const known = host.devices.findByAddress(this.id, this.#slots[0]?.address ?? config.path);
      waiting(known ? `the device at ${config.path} is ${known.state}` : `no device is registered at ${config.path}`);
    }
    await host.clock.sleep(config.rediscoverEveryMs, signal);
  }

  #identify(path: string, slots: readonly Slot[], signal: AbortSignal): AsyncGenerator<FoundDevice> {
    const { host, config } = this;
    return identifyPort({
      path,
      slots,
      profiles: host.profiles.list(),
      clock: host.clock,
      signal,
      line: path === config.path ? config.line : undefined,
      open: (one, line) => this.#transport.open(one, line),
    });
  }

  /** ttyUSB0 is whatever was plugged in first: the next start may give the name to another device. */
  async #adviseStableName(): Promise<void> {
    const { path } = this.config;
    if (!/^\/dev\/tty(?:USB|ACM)\d+$/.test(path)) return;
    const stable = (await listSerialPorts()).find((port) => port.devicePath === path)?.path;
    if (stable && stable !== path) this.#logger.warn({ path, stable }, `name the port ${stable}: ${path} may change`);
  }

  #begin(): void {
    this.#restart?.();
    this.#run.retryNow();
  }
}

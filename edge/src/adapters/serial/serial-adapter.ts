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
import { FairBus } from '../fair-bus.js';
import { type LinkOpener, serialLinkOpener, waitForPath } from '../links/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import { checkSlots } from './check-slots.js';
import { type SerialConfig, type Slot, slotsOf } from './config.js';
import { identifyPort, probesOf } from './identify.js';
import { describeLine, LineWatch } from './line-watch.js';
import { newSerialCounters } from './serial-counters.js';
import { SerialDevice } from './serial-device.js';
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
  readonly #devices = new Map<string, SerialDevice>();
  readonly #search: SlotSearch;
  #session: SerialSession | undefined;
  #watch: LineWatch | undefined;
  /** The settings in use while the port is open. */
  #line: LineSettings | undefined;
  #changed = new AbortController();

  constructor(
    private readonly config: SerialConfig,
    private readonly host: AdapterHost,
    transport?: SerialTransport,
  ) {
    this.id = config.id;
    this.#slots = slotsOf(config);
    this.#logger = host.logger.child({ adapter: config.id });
    this.#bus = new FairBus(host.clock);
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
  }

  stop(): Promise<void> {
    return this.#run.stop();
  }

  status(): AdapterStatus {
    return this.#run.status();
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
    this.#forget(view.deviceId);
    const binding = view.profile?.document.bindings.serial;
    const slot = this.#slots.find((one) => one.address === view.address);
    if (!view.profile || !binding || !slot) {
      const why = slot ? 'its profile has no serial binding' : `${this.id} in edge.yaml names no such place`;
      this.host.fault('device_not_bound', `${view.address} cannot be used: ${why}`, { deviceId: view.deviceId });
      return;
    }
    const profile = view.profile;
    const device = new SerialDevice({
      view: { ...view, profile },
      binding,
      slot,
      host: this.host,
      counters: this.#counters,
      onHeard: () => this.#watch?.heard(),
      check: {
        retryMs: this.config.rediscoverEveryMs,
        own: () => probesOf([profile], this.config.line).filter(({ rule }) => rule.send.length > 0),
        others: () => this.#strangers(profile.id),
        onOther: (found) => this.#tellOther(device, found),
      },
    });
    this.#devices.set(view.deviceId, device);
    if (!this.#line || !this.#session) this.#begin();
    else this.#joinOpenLine(device, this.#line);
  }

  detach(deviceId: string): void {
    if (this.#forget(deviceId) && this.#devices.size === 0) this.#begin();
  }

  async *discover({ signal, wide }: ScanOptions): AsyncIterable<FoundDevice> {
    const { path } = this.config;
    if (this.#session && this.#line) yield* this.#search.onOpenLine(this.#devices, this.#line, signal);
    const ports = { wide: wide ?? false, skip: this.#session ? path : undefined };
    yield* this.#search.onPorts(ports, (one, slots) => this.#identify(one, slots, signal), signal);
  }

  execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    const device = this.#deviceOf(request.deviceId);
    return this.#bus.request((session) => device.execute(session, request), { signal: request.signal, owner: device });
  }

  read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading> {
    const device = this.#deviceOf(deviceId);
    return this.#bus.request((session) => device.read(session, properties, signal), { signal, owner: device });
  }

  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    const device = this.#deviceOf(deviceId);
    for (const [id, value] of Object.entries(values)) {
      await this.#bus.request((session) => device.write(session, id, value, signal), { signal, owner: device });
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
        const [first] = this.#devices.values();
        if (first) await this.#serve(this.config.line ?? first.binding.line, context, now);
        else await this.#lookForDevices(context, now);
      } catch (error) {
        // A device came or went: begin anew with its line settings.
        if (!changed.aborted || signal.aborted) throw error;
      }
    }
  }

  async #waitForPort({ waiting }: RunContext, signal: AbortSignal): Promise<void> {
    const { path } = this.config;
    waiting(`nothing is plugged in at ${path}`);
    this.#linkDown(new HubError('link_refused', `nothing is plugged in at ${path}`), true);
    await this.#transport.present(path, signal);
  }

  async #serve(line: LineSettings, { running }: RunContext, signal: AbortSignal): Promise<void> {
    const { path } = this.config;
    const opened = await this.#transport
      .open(path, line)
      .open(signal)
      .catch((error) => {
        if (isHubError(error)) this.#linkDown(error, error.context.errno === 'ENOENT');
        throw error;
      });
    const watch = new LineWatch({
      path,
      adapterId: this.id,
      line,
      host: this.host,
      counters: this.#counters,
      devicesOn: (channel) =>
        [...this.#devices.values()].filter((device) => session.channel(device.binding) === channel),
    });
    const session: SerialSession = new SerialSession(opened, this.host.clock, watch, line.baudRate);
    const over = new AbortController();
    void session.closed.then((reason) => over.abort(reason));
    const both = AbortSignal.any([signal, over.signal]);
    this.#session = session;
    this.#watch = watch;
    this.#line = line;
    running();
    for (const device of this.#devices.values()) this.#joinOpenLine(device, line);
    const serving = this.#bus.serve(session, both);
    const searching = this.#search.keepLooking(line, both);
    try {
      await serving;
    } finally {
      this.#session = undefined;
      this.#line = undefined;
      over.abort(new HubError('unavailable', 'the port begins anew'));
      await session.close();
      await searching;
    }
    signal.throwIfAborted();
    const reason: HubError = await session.closed;
    this.#linkDown(reason, !(await this.#transport.exists(path)));
    throw reason;
  }

  async #lookForDevices({ running, waiting }: RunContext, signal: AbortSignal): Promise<void> {
    const { config, host } = this;
    const wanted = this.#search.wanted();
    let found = 0;
    for (const one of this.#search.named(wanted)) {
      running();
      found++;
      await host.found(one);
    }
    const asked = wanted.filter((slot) => !slot.isNamed);
    if (asked.length > 0 && config.discover) {
      for await (const one of this.#identify(config.path, asked, signal)) {
        running();
        found++;
        await host.found(one);
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

  /** A line of several devices is not asked foreign questions: somebody there could take them for his own. */
  #strangers(profileId: string) {
    if (this.#slots.length > 1) return [];
    const profiles = this.host.profiles.list().filter((one) => one.id !== profileId);
    return probesOf(profiles, this.config.line).filter(
      ({ rule, line }) => rule.send.length > 0 && this.#line !== undefined && isSameLine(line, this.#line),
    );
  }

  #tellOther(device: SerialDevice, found: FoundDevice): void {
    const { vendor, model, serial } = found.identity;
    const { identity, deviceId } = device.view;
    this.host.fault(
      'serial_other_device',
      `at ${found.address} ${vendor} ${model} ${serial} answers, where ${identity.vendor} ${identity.model} ${identity.serial} was: its frames are not taken for the other’s`,
      { adapter: this.id, deviceId },
    );
    if (!this.config.discover) return;
    this.host.found(found).catch((error) => this.#logger.warn({ err: error }, 'a device could not be registered'));
  }

  #joinOpenLine(device: SerialDevice, line: LineSettings): void {
    const own = this.config.line ?? device.binding.line;
    if (!isSameLine(own, line)) {
      const why = `it needs ${describeLine(own)}, and the line runs at ${describeLine(line)}: state line in edge.yaml`;
      this.host.fault('serial_line_differs', `${device.view.address}: ${why}`, { deviceId: device.view.deviceId });
      device.linkDown(new HubError('configuration', why), false);
      return;
    }
    // Its kind of frames is split from now on, not from its first request.
    this.#session?.channel(device.binding);
    device.linkUp();
    this.#bus.join(device);
  }

  #linkDown(error: HubError, gone: boolean): void {
    for (const device of this.#devices.values()) device.linkDown(error, gone);
  }

  #forget(deviceId: string): boolean {
    const device = this.#devices.get(deviceId);
    if (device) this.#bus.leave(device);
    return this.#devices.delete(deviceId);
  }

  #deviceOf(deviceId: string): SerialDevice {
    const device = this.#devices.get(deviceId);
    if (device) return device;
    throw new HubError('not_found', `the port ${this.config.path} has no such device`, { context: { deviceId } });
  }

  #begin(): void {
    this.#changed.abort(new HubError('unavailable', 'the port begins anew'));
    this.#changed = new AbortController();
    this.#run.retryNow();
  }
}

const isSameLine = (a: LineSettings, b: LineSettings): boolean => describeLine(a) === describeLine(b);

import { HubError, isHubError, isRetryable } from '@hallhub/shared';
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
import { type ByteLink, waitForPath } from '../links/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import { type ModbusConfig, pinnedProfileOf, unitIdsOf } from './config.js';
import { identifyUnit } from './identify.js';
import { ModbusClient } from './modbus-client.js';
import { ModbusDevice } from './modbus-device.js';
import { isSilence } from './modbus-exception.js';
import { newPollCounters } from './poll-counters.js';
import { ProbeBudget } from './probe-budget.js';
import { readProperties } from './read-properties.js';
import { runCommand } from './run-command.js';
import { type ModbusTransport, transportOf } from './transport.js';
import { writeProperties } from './write-properties.js';

/** After so many requests in a row without a byte a link is made anew: its other end may be long gone. */
const giveUpAfterTimeouts = 4;
/** A link on which nothing was heard at all is given longer each time: its slaves may just be off. */
const mostTimeouts = 64;

/** One Modbus bus: TCP, RTU over TCP, or a serial line. */
export class ModbusAdapter implements Adapter {
  readonly protocol = 'modbus';
  readonly id: string;
  readonly #devices = new Map<string, ModbusDevice>();
  readonly #bus: FairBus<ModbusClient>;
  readonly #run: SupervisedRun;
  readonly #logger: Logger;
  readonly #poll = newPollCounters();
  readonly #budget = new ProbeBudget();
  /** Slaves that the configuration names and that never said who they are. */
  readonly #unanswered = new Set<number>();
  #client: ModbusClient | undefined;
  #patience = giveUpAfterTimeouts;
  #frames = { skippedBytes: 0, corruptFrames: 0, strayFrames: 0 };

  constructor(
    private readonly config: ModbusConfig,
    private readonly host: AdapterHost,
    private readonly transport: ModbusTransport = transportOf(config),
  ) {
    this.id = config.id;
    this.#logger = host.logger.child({ adapter: config.id });
    this.#bus = new FairBus(host.clock);
    this.#run = new SupervisedRun({
      clock: host.clock,
      logger: this.#logger,
      run: (context) => this.#session(context),
      onFailure: (error) => {
        for (const device of this.#devices.values()) device.linkDown(error);
        if (!isRetryable(error)) {
          host.fault(`adapter_${error.code}`, error.message, { adapter: config.id });
        }
      },
      onStatus: () => host.statusChanged(),
    });
  }

  async start(): Promise<void> {
    for (const profile of [this.config.profile, ...this.config.devices.map((device) => device.profile)]) {
      if (profile === undefined || this.host.profiles.get(profile)?.document.bindings.modbus) continue;
      throw new HubError('configuration', `modbus ${this.id}: there is no profile ${profile} with a Modbus binding`);
    }
    this.#run.start();
  }

  stop(): Promise<void> {
    return this.#run.stop();
  }

  status(): AdapterStatus {
    const status = this.#run.status();
    const silent = [...this.#unanswered].sort((a, b) => a - b).join(', ');
    if (status.state !== 'running' || status.reason !== undefined || silent === '') return status;
    return { ...status, reason: `no answer from unit ${silent}: check power, unit id, wiring and line settings` };
  }

  counters(): Readonly<Record<string, number>> {
    const now = this.#client?.counters;
    return {
      ...this.#poll,
      skippedBytes: this.#frames.skippedBytes + (now?.skippedBytes ?? 0),
      corruptFrames: this.#frames.corruptFrames + (now?.corruptFrames ?? 0),
      strayFrames: this.#frames.strayFrames + (now?.strayFrames ?? 0),
      linkFailures: this.#run.counters.failures,
      waitingRequests: this.#bus.waitingJobs,
    };
  }

  attach(view: DeviceView): void {
    this.detach(view.deviceId);
    const binding = view.profile?.document.bindings.modbus;
    const unitId = unitIdOf(view.address);
    if (!binding || unitId === undefined) {
      this.host.fault(
        'device_not_bound',
        `${view.address} cannot be polled: ${binding ? 'its address has no unit id' : 'its profile has no Modbus binding'}`,
        {
          deviceId: view.deviceId,
        },
      );
      return;
    }
    const device = new ModbusDevice(view, binding, unitId, {
      host: this.host,
      bus: this.#bus,
      budget: this.#budget,
      counters: this.#poll,
      isRtu: this.transport.framing === 'rtu',
    });
    this.#devices.set(view.deviceId, device);
    this.#bus.join(device);
  }

  detach(deviceId: string): void {
    const device = this.#devices.get(deviceId);
    if (!device) return;
    this.#devices.delete(deviceId);
    this.#bus.leave(device);
    device.leave();
  }

  async *discover({ signal, wide }: ScanOptions): AsyncIterable<FoundDevice> {
    const unitIds = wide ? Array.from({ length: 247 }, (_, index) => index + 1) : unitIdsOf(this.config);
    for (const unitId of unitIds) {
      if (signal.aborted) return;
      const found = await this.#identify(unitId, signal);
      if (found) yield found;
    }
  }

  execute(request: CommandRequest): Promise<Record<string, unknown> | undefined> {
    return runCommand(this.#device(request.deviceId), request, this.host);
  }

  read(deviceId: string, properties: readonly string[], signal: AbortSignal): Promise<Reading> {
    return readProperties(this.#device(deviceId), properties, signal);
  }

  async write(deviceId: string, values: Readonly<Record<string, Value>>, signal: AbortSignal): Promise<void> {
    await writeProperties(this.#device(deviceId), values, this.host, signal);
  }

  async #session(context: RunContext): Promise<void> {
    const { signal, running } = context;
    const { clock } = this.host;
    const link = await this.#open(context);
    const { framing, gapMs, byteMs = 0 } = this.transport;
    const client = new ModbusClient(link, framing, clock, {
      gapMs,
      byteMs,
      // A serial line tells that it is gone; one that hangs without a word is opened anew all the same.
      giveUpAfterTimeouts: this.config.url.startsWith('/') ? this.#patience * 2 : this.#patience,
    });
    this.#client = client;
    using over = abortScope(signal);
    const session = over.signal;
    void client.closed.then((reason) => over.abort(reason));
    // What is under way ends with the link, at once.
    session.addEventListener('abort', () => void client.close(), { once: true });
    running();
    for (const device of this.#devices.values()) device.linkUp();
    const serving = this.#bus.serve(client, session);
    // It ends with the session; what made that end is told by the session.
    const scanning = this.config.discover ? this.#keepDiscovering(session).catch(() => undefined) : undefined;
    try {
      await serving;
    } finally {
      over.abort();
      this.#client = undefined;
      this.#keepCounters(client);
      this.#patience = client.hasHeard ? giveUpAfterTimeouts : Math.min(this.#patience * 2, mostTimeouts);
      await client.close();
      await scanning;
    }
    if (!signal.aborted) throw over.signal.reason;
  }

  /** A serial port that is not there is opened as soon as somebody plugs it in. */
  async #open({ signal, waiting }: RunContext): Promise<ByteLink> {
    const { opener } = this.transport;
    try {
      return await opener.open(signal);
    } catch (error) {
      if (!isHubError(error, 'link_refused') || error.context.errno !== 'ENOENT') throw error;
      for (const device of this.#devices.values()) device.linkDown(error);
      waiting(error.hint ? `${error.message} (${error.hint})` : error.message);
      await waitForPath(this.config.url, this.host.clock, signal);
      return opener.open(signal);
    }
  }

  async #keepDiscovering(signal: AbortSignal): Promise<void> {
    for (;;) {
      for (const unitId of unitIdsOf(this.config)) {
        const known = this.host.devices.findByAddress(this.id, this.#address(unitId));
        if (known) this.#unanswered.delete(unitId);
        if (known && known.state !== 'quarantined') continue;
        try {
          const found = await this.#identify(unitId, signal, this.#budget);
          if (found) await this.host.found(await this.#toldApart(found, signal));
          this.#heardOf(unitId, found !== undefined || known !== undefined);
        } catch (error) {
          if (signal.aborted) return;
          this.#logger.warn({ err: error, unitId }, 'a unit id could not be identified');
        }
      }
      await this.host.clock.sleep(this.config.rediscoverEveryMs, signal);
    }
  }

  /**
   * Cheap devices all tell one serial number. One that is known by it at another unit id is taken for moved, unless that unit
   * id still answers with it: then there are two, and this one is called by its place on the bus.
   */
  async #toldApart(found: FoundDevice, signal: AbortSignal): Promise<FoundDevice> {
    const other = this.host.devices
      .list()
      .find(
        ({ adapterId, address, state, identity }) =>
          adapterId === this.id &&
          address !== found.address &&
          (state === 'active' || state === 'quarantined') &&
          isSameDevice(identity, found.identity),
      );
    const otherId = unitIdsOf(this.config).find((unitId) => this.#address(unitId) === other?.address);
    if (!other || otherId === undefined) return found;
    const there = await this.#identify(otherId, signal);
    if (!there || !isSameDevice(there.identity, found.identity)) return found;
    const { serial } = found.identity;
    this.host.fault(
      'serial_number_twice',
      `${found.address} and ${other.address} both tell the serial number ${serial}`,
    );
    const place = found.address.slice(found.address.lastIndexOf('#') + 1);
    return { ...found, identity: { ...found.identity, serial: `${serial.slice(0, 60)}@${this.id}-${place}` } };
  }

  #heardOf(unitId: number, heard: boolean): void {
    const before = this.#unanswered.has(unitId);
    const named = this.config.devices.some((one) => one.unitId === unitId);
    if (heard || !named) this.#unanswered.delete(unitId);
    else this.#unanswered.add(unitId);
    if (before !== this.#unanswered.has(unitId)) this.host.statusChanged();
  }

  #identify(unitId: number, signal: AbortSignal, budget?: ProbeBudget): Promise<FoundDevice | undefined> {
    const { config, host } = this;
    const transport = this.transport.framing === 'mbap' ? 'tcp' : 'rtu';
    const pinned = pinnedProfileOf(config, unitId);
    const options = { unitId, timeoutMs: config.probeTimeoutMs, signal, probe: true };
    return identifyUnit({
      unitId,
      address: this.#address(unitId),
      fallbackSerial: `${config.id}-${unitId}`,
      profiles: host.profiles.list().filter((one) => one.document.bindings.modbus?.transports.includes(transport)),
      pinned: pinned === undefined ? undefined : host.profiles.get(pinned),
      ask: async (request) => {
        try {
          return await this.#bus.request((client) => request(client, options), {
            signal,
            background: true,
            notBeforeMs: () => budget?.notBeforeMs ?? 0,
          });
        } catch (error) {
          if (isSilence(error)) budget?.spent(host.clock.monotonicMs(), config.probeTimeoutMs);
          throw error;
        }
      },
    });
  }

  #device(deviceId: string): ModbusDevice {
    const device = this.#devices.get(deviceId);
    if (!device) throw new HubError('not_found', `the bus ${this.id} serves no such device`, { context: { deviceId } });
    return device;
  }

  #address(unitId: number): string {
    return `${this.config.url}#${unitId}`;
  }

  #keepCounters(client: ModbusClient): void {
    this.#frames.skippedBytes += client.counters.skippedBytes;
    this.#frames.corruptFrames += client.counters.corruptFrames;
    this.#frames.strayFrames += client.counters.strayFrames;
  }
}

const unitIdOf = (address: string): number | undefined => {
  const unitId = /#(\d{1,3})$/.exec(address)?.[1];
  return unitId === undefined || Number(unitId) > 255 ? undefined : Number(unitId);
};

const isSameDevice = (a: FoundDevice['identity'], b: FoundDevice['identity']): boolean =>
  a.vendor === b.vendor && a.model === b.model && a.serial === b.serial;

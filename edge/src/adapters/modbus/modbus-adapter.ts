import { HubError, isRetryable } from '@hallhub/shared';
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
import { type LinkOpener, serialLinkOpener, tcpLinkOpener } from '../links/index.js';
import { type RunContext, SupervisedRun } from '../supervised-run.js';
import type { ModbusConfig } from './config.js';
import type { FramingKind } from './framing.js';
import { identifyUnit } from './identify.js';
import { readProperties, runCommand, writeProperties } from './modbus-actions.js';
import { ModbusClient } from './modbus-client.js';
import { ModbusDevice, newPollCounters } from './modbus-device.js';

/** How the bus of a config is reached: an opener, its framing, and the silence it needs between requests. */
export interface ModbusTransport {
  readonly opener: LinkOpener;
  readonly framing: FramingKind;
  readonly gapMs: number;
}

export const transportOf = (config: ModbusConfig): ModbusTransport => {
  if (config.url.startsWith('/')) {
    const line = config.line as LineSettings;
    return { opener: serialLinkOpener(config.url, line), framing: 'rtu', gapMs: interFrameGapMs(line) };
  }
  const url = new URL(config.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const opener = tcpLinkOpener({ host, port: url.port === '' ? 502 : Number(url.port) });
  return url.protocol === 'tcp:' ? { opener, framing: 'mbap', gapMs: 0 } : { opener, framing: 'rtu', gapMs: 5 };
};

/** 3.5 characters of silence, 1.75 ms at most needed above 19,200 baud (Modbus over Serial Line 1.02, 2.5.1.1). */
const interFrameGapMs = (line: LineSettings): number =>
  line.baudRate > 19_200 ? 2 : Math.ceil((3.5 * 11 * 1_000) / line.baudRate);

/** After so many requests in a row without any answer a TCP connection is made anew: its other end may be long gone. */
const giveUpAfterTimeouts = 4;

/** One Modbus bus: TCP, RTU over TCP, or a serial line. */
export class ModbusAdapter implements Adapter {
  readonly protocol = 'modbus';
  readonly id: string;
  readonly #devices = new Map<string, ModbusDevice>();
  readonly #bus: FairBus<ModbusClient>;
  readonly #run: SupervisedRun;
  readonly #logger: Logger;
  readonly #poll = newPollCounters();
  #client: ModbusClient | undefined;
  #frames = { skippedBytes: 0, corruptFrames: 0, strayFrames: 0 };

  constructor(
    private readonly config: ModbusConfig,
    private readonly host: AdapterHost,
    private readonly transport: ModbusTransport = transportOf(config),
  ) {
    this.id = config.id;
    this.#logger = host.logger.child({ adapter: config.id });
    this.#bus = new FairBus(host.clock, transport.gapMs);
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
    const { profile } = this.config;
    if (profile !== undefined && !this.host.profiles.get(profile)?.document.bindings.modbus) {
      throw new HubError('configuration', `modbus ${this.id}: there is no profile ${profile} with a Modbus binding`);
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
    const device = new ModbusDevice(view, binding, unitId, { host: this.host, bus: this.#bus, counters: this.#poll });
    this.#devices.set(view.deviceId, device);
    this.#bus.join(device);
  }

  detach(deviceId: string): void {
    const device = this.#devices.get(deviceId);
    if (!device) return;
    this.#devices.delete(deviceId);
    this.#bus.leave(device);
  }

  async *discover({ signal, wide }: ScanOptions): AsyncIterable<FoundDevice> {
    const unitIds = wide ? Array.from({ length: 247 }, (_, index) => index + 1) : this.config.unitIds;
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

  async #session({ signal, running }: RunContext): Promise<void> {
    const { clock } = this.host;
    const link = await this.transport.opener.open(signal);
    const isTcp = this.transport.framing === 'mbap';
    const client = new ModbusClient(link, this.transport.framing, clock, isTcp ? { giveUpAfterTimeouts } : {});
    this.#client = client;
    const over = new AbortController();
    const session = AbortSignal.any([signal, over.signal]);
    void client.closed.then((reason) => over.abort(reason));
    // What is under way ends with the link, at once.
    session.addEventListener('abort', () => void client.close(), { once: true });
    running();
    for (const device of this.#devices.values()) device.linkUp();
    const serving = this.#bus.serve(client, session);
    const scanning = this.config.discover ? this.#keepDiscovering(session) : Promise.resolve();
    try {
      await serving;
    } finally {
      over.abort();
      this.#client = undefined;
      this.#keepCounters(client);
      await client.close();
      await scanning.catch(() => undefined);
    }
    if (!signal.aborted) throw over.signal.reason;
  }

  async #keepDiscovering(signal: AbortSignal): Promise<void> {
    for (;;) {
      for (const unitId of this.config.unitIds) {
        const known = this.host.devices.findByAddress(this.id, this.#address(unitId));
        if (known && known.state !== 'quarantined') continue;
        try {
          const found = await this.#identify(unitId, signal);
          if (found) await this.host.found(found);
        } catch (error) {
          if (signal.aborted) return;
          this.#logger.warn({ err: error, unitId }, 'a unit id could not be identified');
        }
      }
      await this.host.clock.sleep(this.config.rediscoverEveryMs, signal);
    }
  }

  #identify(unitId: number, signal: AbortSignal): Promise<FoundDevice | undefined> {
    const { config, host } = this;
    const transport = this.transport.framing === 'mbap' ? 'tcp' : 'rtu';
    return identifyUnit({
      unitId,
      address: this.#address(unitId),
      fallbackSerial: `${config.id}-${unitId}`,
      profiles: host.profiles.list().filter((one) => one.document.bindings.modbus?.transports.includes(transport)),
      pinned: config.profile === undefined ? undefined : host.profiles.get(config.profile),
      ask: (request) =>
        this.#bus.request(
          (client) => request(client, { unitId, timeoutMs: config.probeTimeoutMs, signal, probe: true }),
          { signal },
        ),
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

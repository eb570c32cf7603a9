import { HubError } from '@hallhub/shared';
import type { LineSettings } from '@hallhub/shared/profile';
import type { AdapterHost, DeviceView, FoundDevice } from '../../ports/index.js';
import type { FairBus } from '../fair-bus.js';
import type { SerialConfig, Slot } from './config.js';
import { isAddressed, type Probe, probesOf } from './identify.js';
import { describeLine } from './line-watch.js';
import type { SerialCounters } from './serial-counters.js';
import { SerialDevice } from './serial-device.js';
import type { SerialSession } from './serial-session.js';

export interface LineContext {
  readonly host: AdapterHost;
  readonly bus: FairBus<SerialSession>;
  readonly counters: SerialCounters;
}

/** The registered devices of a port, by device id. Two may have the same place: whoever answers there is the one. */
export class LineDevices {
  readonly #devices = new Map<string, SerialDevice>();
  /** The settings of the line that the devices were joined to last. */
  #line: LineSettings | undefined;

  constructor(
    private readonly config: SerialConfig,
    private readonly slots: readonly Slot[],
    private readonly context: LineContext,
  ) {}

  get size(): number {
    return this.#devices.size;
  }

  all(): SerialDevice[] {
    return [...this.#devices.values()];
  }

  /** Throws `not_found`. */
  need(deviceId: string): SerialDevice {
    const device = this.#devices.get(deviceId);
    if (device) return device;
    throw new HubError('not_found', `the port ${this.config.path} has no such device`, { context: { deviceId } });
  }

  forget(deviceId: string): boolean {
    const device = this.#devices.get(deviceId);
    if (device) this.context.bus.leave(device);
    device?.leave();
    return this.#devices.delete(deviceId);
  }

  /** Undefined: it cannot be used, which is told, or nothing that matters on the line has changed. */
  attach(view: DeviceView, onHeard: () => void): SerialDevice | undefined {
    const { host, counters } = this.context;
    const known = this.#devices.get(view.deviceId);
    if (known && isSameDevice(known.view, view)) return undefined;
    this.forget(view.deviceId);
    const { profile } = view;
    const binding = profile?.document.bindings.serial;
    const slot = this.slots.find((one) => one.address === view.address);
    if (!profile || !binding || !slot) {
      const why = slot ? 'its profile has no serial binding' : `${this.config.id} in edge.yaml names no such place`;
      host.fault('device_not_bound', `${view.address} cannot be used: ${why}`, { deviceId: view.deviceId });
      return undefined;
    }
    const device = new SerialDevice({
      view: { ...view, profile },
      binding,
      slot,
      host,
      counters,
      onHeard,
      check: {
        retryMs: this.config.rediscoverEveryMs,
        own: () =>
          probesOf([profile], this.config.line).filter((probe) =>
            this.slots.length === 1 ? probe.rule.send.length > 0 : isAddressed(probe),
          ),
        others: () => this.#strangers(profile.id),
        onOther: (found) => this.#tellOther(device, found),
      },
    });
    this.#devices.set(view.deviceId, device);
    return device;
  }

  /** True where the device can be spoken to with these settings. */
  fitsLine(device: SerialDevice, line: LineSettings): boolean {
    return isSameLine(this.config.line ?? device.binding.line, line);
  }

  /** From now on the device has its turns on the open line. */
  join(device: SerialDevice, session: SerialSession): void {
    this.#line = session.line;
    if (!this.fitsLine(device, session.line)) {
      const own = device.binding.line;
      const why = `it needs ${describeLine(own)}, and the line runs at ${describeLine(session.line)}: state line in edge.yaml`;
      const { deviceId, address } = device.view;
      this.context.host.fault('serial_line_differs', `${address}: ${why}`, { deviceId });
      device.linkDown(new HubError('configuration', why), false);
      return;
    }
    // Its kind of frames is split from now on, not from its first request.
    session.channel(device.binding);
    device.linkUp();
    this.context.bus.join(device);
  }

  linkDown(error: HubError, gone: boolean): void {
    for (const device of this.#devices.values()) device.linkDown(error, gone);
  }

  /** A line of several devices is not asked foreign questions: somebody there could take them for his own. */
  #strangers(profileId: string): Probe[] {
    const line = this.#line;
    if (this.slots.length > 1 || !line) return [];
    const profiles = this.context.host.profiles.list().filter((one) => one.id !== profileId);
    return probesOf(profiles, this.config.line).filter(
      (probe) => probe.rule.send.length > 0 && isSameLine(probe.line, line),
    );
  }

  #tellOther(device: SerialDevice, found: FoundDevice): void {
    const { host } = this.context;
    const { vendor, model, serial } = found.identity;
    const { identity, deviceId } = device.view;
    host.fault(
      'serial_other_device',
      `at ${found.address} ${vendor} ${model} ${serial} answers, where ${identity.vendor} ${identity.model} ${identity.serial} was: its frames are not taken for the other’s`,
      { adapter: this.config.id, deviceId },
    );
    if (!this.config.discover) return;
    host.found(found).catch((error) => host.logger.warn({ err: error }, 'a device could not be registered'));
  }
}

const isSameLine = (a: LineSettings, b: LineSettings): boolean => describeLine(a) === describeLine(b);

const isSameDevice = (a: DeviceView, b: DeviceView): boolean =>
  a.address === b.address && a.identity.serial === b.identity.serial && a.profile?.hash === b.profile?.hash;

import type { Clock } from '@hallhub/shared';
import type { AsideEntry } from './aside-book.js';
import type { DeviceRegistry } from './device-registry.js';
import type { FaultBook } from './fault-book.js';

const sameDeviceAgainMs = 60_000;
const rememberedDevices = 1_000;

/** Tells the cloud that a device is not understood: one fault a minute and device, with what came meanwhile counted. */
export class AsideReport {
  readonly #parts: { registry: DeviceRegistry; faults: FaultBook; clock: Clock };
  readonly #told = new Map<string, { atMs: number; since: number }>();

  constructor(parts: { registry: DeviceRegistry; faults: FaultBook; clock: Clock }) {
    this.#parts = parts;
  }

  tell({ deviceId, source, reason }: AsideEntry): void {
    const { registry, faults, clock } = this.#parts;
    const key = deviceId ?? '';
    const nowMs = clock.monotonicMs();
    const last = this.#told.get(key);
    if (last && nowMs - last.atMs < sameDeviceAgainMs) {
      last.since += 1;
      return;
    }
    if (this.#told.size >= rememberedDevices) this.#told.clear();
    this.#told.set(key, { atMs: nowMs, since: 0 });
    const device = deviceId === undefined ? undefined : registry.get(deviceId);
    const who = device ? (device.name ?? `${device.identity.model} ${device.identity.serial}`) : 'a message';
    faults.report('message_aside', `${who}: ${reason}`, {
      ...(deviceId === undefined ? {} : { deviceId, serial: device?.identity.serial ?? null }),
      source,
      reason,
      sinceTheLast: last?.since ?? 0,
    });
  }
}

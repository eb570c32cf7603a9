import { waitUntil } from '../e2e/wait-until.js';
import type { Behaviour, DeviceLine } from '../peers/native/native-device.js';
import { NativeDevice } from '../peers/native/native-device.js';

/** What strangers the unit's broker takes at once, with room to spare. */
const joinAtOnce = 40;

export interface SentMessage {
  readonly device: number;
  /** Counts from 1 for each device. */
  readonly number: number;
}

/** Sends when it is told to, and says when the unit acknowledged. */
class PacedDevice implements Behaviour {
  readonly identity;
  line: DeviceLine | undefined;

  constructor(serial: string) {
    this.identity = { vendor: 'hallhub', model: 'qm-200', serial, firmware: '1.4.2' };
  }

  start(line: DeviceLine): Disposable {
    this.line = line;
    return {
      [Symbol.dispose]: () => {
        this.line = undefined;
      },
    };
  }

  execute(): undefined {
    return undefined;
  }
}

/** Many devices of one hall, whose messages come at one steady rate between them. */
export class DeviceFleet implements AsyncDisposable {
  readonly #behaviours: PacedDevice[] = [];
  readonly #devices: NativeDevice[] = [];
  readonly #numbers: number[] = [];
  #sent = 0;
  #failed = 0;

  static async join(options: { url: string; count: number; serialPrefix: string }): Promise<DeviceFleet> {
    const fleet = new DeviceFleet();
    for (let from = 0; from < options.count; from += joinAtOnce) {
      const wave = Array.from({ length: Math.min(joinAtOnce, options.count - from) }, (_, i) => {
        const behaviour = new PacedDevice(`${options.serialPrefix}-${from + i}`);
        return { behaviour, device: new NativeDevice({ url: options.url, behaviour }) };
      });
      for (const { behaviour, device } of wave) {
        fleet.#behaviours.push(behaviour);
        fleet.#devices.push(device);
        fleet.#numbers.push(0);
        device.start();
      }
      await waitUntil('the devices to join', async () => wave.every(({ behaviour }) => behaviour.line), {
        withinMs: 60_000,
        seen: () => `${wave.filter(({ behaviour }) => behaviour.line).length} of ${wave.length}`,
      });
    }
    return fleet;
  }

  /** Where each device stands in `SentMessage.device`. */
  deviceIds(): ReadonlyMap<string, number> {
    return new Map(this.#devices.map((device, at) => [device.deviceId ?? '', at]));
  }

  get sent(): number {
    return this.#sent;
  }

  /** Not acknowledged: the connection went, or the device is not connected. */
  get failed(): number {
    return this.#failed;
  }

  /**
   * Sends `ratePerSecond` messages, each device in turn, until the signal aborts. A late timer catches up, so that the rate
   * holds whatever the receiver does.
   */
  async send(
    ratePerSecond: number,
    signal: AbortSignal,
    on: { sent: (message: SentMessage) => void; acknowledged: (message: SentMessage) => void },
  ): Promise<void> {
    const [startMs, base] = [performance.now(), this.#sent];
    while (!signal.aborted) {
      const due = base + Math.floor(((performance.now() - startMs) * ratePerSecond) / 1_000);
      while (this.#sent < due) this.#sendOne(on);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#devices.map((device) => device[Symbol.asyncDispose]()));
  }

  #sendOne(on: { sent: (message: SentMessage) => void; acknowledged: (message: SentMessage) => void }): void {
    const device = this.#sent++ % this.#behaviours.length;
    const number = (this.#numbers[device] ?? 0) + 1;
    this.#numbers[device] = number;
    const line = this.#behaviours[device]?.line;
    if (!line) {
      this.#failed++;
      return;
    }
    const message = { device, number };
    on.sent(message);
    line.telemetry({ issuedToday: number }).then(
      () => on.acknowledged(message),
      () => this.#failed++,
    );
  }
}

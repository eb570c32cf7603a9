import type { Behaviour, DeviceLine } from '../peers/native/native-device.js';

/**
 * A queue machine that counts: every message carries the next number, and what the unit acknowledged is written down.
 * Afterwards both books must agree: each acknowledged number stands in the cloud once.
 */
export class CountingDevice implements Behaviour {
  readonly identity;
  readonly acknowledgedValues: number[] = [];
  readonly acknowledgedEvents: string[] = [];
  readonly #everyMs: number;
  #next = 1;

  constructor(serial: string, everyMs: number) {
    this.identity = { vendor: 'hallhub', model: 'qm-200', serial, firmware: '1.4.2' };
    this.#everyMs = everyMs;
  }

  get sent(): number {
    return this.#next - 1;
  }

  start(line: DeviceLine): Disposable {
    const timer = setInterval(() => void this.#send(line), this.#everyMs);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  execute(): undefined {
    return undefined;
  }

  async #send(line: DeviceLine): Promise<void> {
    const number = this.#next++;
    try {
      await line.telemetry({ issuedToday: number });
      this.acknowledgedValues.push(number);
      if (number % 5 !== 0) return;
      const ticket = `A${String(number).padStart(5, '0')}`;
      this.acknowledgedEvents.push(await line.event('ticketTaken', { ticket, queue: 'personal', waitingBefore: 0 }));
    } catch {
      // Not acknowledged, so nobody promised anything.
    }
  }
}

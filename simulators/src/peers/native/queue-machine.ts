import { type Behaviour, type CommandResult, type DeviceLine, type QuietLine, quietly } from './native-device.js';

const queues = ['personal', 'corporate', 'priority'] as const;
type Queue = (typeof queues)[number];
const prefix: Record<Queue, string> = { personal: 'A', corporate: 'B', priority: 'V' };

interface Ticket {
  readonly ticket: string;
  readonly queue: Queue;
  readonly takenAt: number;
}

export interface QueueMachineOptions {
  readonly serial?: string;
  readonly random?: () => number;
  /** Mean time between two visitors; 0: nobody comes by themselves. */
  readonly visitorEveryMs?: number;
  /** How long a counter serves one visitor before it calls the next; 0: counters call only on command. */
  readonly serviceMs?: number;
  readonly counters?: number;
}

/** profile hallhub/qm-200: people take numbers, counters call them, paper runs out. */
export class QueueMachine implements Behaviour {
  readonly identity;
  readonly #waiting: Ticket[] = [];
  readonly #atCounter = new Map<number, Ticket>();
  readonly #numbers: Record<Queue, number> = { personal: 0, corporate: 0, priority: 0 };
  readonly #random: () => number;
  readonly #options: QueueMachineOptions;
  readonly #startedAt = Date.now();
  readonly #waits: number[] = [];
  #issued = 0;
  #called = 0;
  #taking = true;
  #paperLeft = 400;
  #line: QuietLine | undefined;

  constructor(options: QueueMachineOptions = {}) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.identity = {
      vendor: 'hallhub',
      model: 'qm-200',
      serial: options.serial ?? 'QM2000017',
      firmware: '1.4.2',
      hardware: 'B',
    };
  }

  start(line: DeviceLine): Disposable {
    this.#line = quietly(line);
    const { visitorEveryMs = 0, serviceMs = 0, counters = 3 } = this.#options;
    const timers = new Set<NodeJS.Timeout>();
    const again = (delay: () => number, act: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        act();
        again(delay, act);
      }, delay());
      timers.add(timer);
    };
    this.#report();
    again(
      () => 5000,
      () => this.#report(),
    );
    if (visitorEveryMs > 0) {
      again(
        () => -Math.log(1 - this.#random()) * visitorEveryMs,
        () => void (this.#taking && this.#waiting.length < 60 && this.#take(this.#choose())),
      );
    }
    if (serviceMs > 0) {
      for (let counter = 1; counter <= counters; counter++) {
        again(
          () => serviceMs * (0.6 + 0.8 * this.#random()),
          () => void this.#call(counter),
        );
      }
    }
    return {
      [Symbol.dispose]: () => {
        for (const timer of timers) clearTimeout(timer);
        this.#line = undefined;
      },
    };
  }

  execute(command: string, input: Record<string, unknown>): CommandResult | Promise<CommandResult> | undefined {
    switch (command) {
      case 'takeTicket': {
        const queue = queues.find((q) => q === input.queue);
        if (!queue) return failed('invalid_input', `no queue ${String(input.queue)}`);
        if (!this.#taking) return failed('closed', 'tickets are closed');
        if (this.#paperLeft === 0) return failed('paper_out', 'there is no paper');
        const { ticket, before } = this.#take(queue);
        return { ok: true, output: { ticket, waitingBefore: before } };
      }
      case 'callNext': {
        const ticket = this.#call(Number(input.counter));
        return { ok: true, output: { ...(ticket ? { ticket: ticket.ticket } : {}), waiting: this.#waiting.length } };
      }
      case 'recall': {
        const ticket = this.#atCounter.get(Number(input.counter));
        if (!ticket) return failed('nobody', 'nobody was called to this counter');
        this.#line?.event('ticketCalled', {
          ticket: ticket.ticket,
          queue: ticket.queue,
          counter: Number(input.counter),
        });
        return { ok: true, output: { ticket: ticket.ticket } };
      }
      case 'setTaking':
        this.#taking = input.open === true;
        this.#report();
        return { ok: true };
      case 'printTest':
        return this.#printTest();
      case 'resetNumbers':
        this.#waiting.length = 0;
        this.#atCounter.clear();
        for (const queue of queues) this.#numbers[queue] = 0;
        this.#report();
        return { ok: true };
      default:
        return undefined;
    }
  }

  async #printTest(): Promise<CommandResult> {
    // Printing a page takes its time, as on the real machine.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    if (this.#paperLeft === 0) return failed('paper_out', 'there is no paper');
    this.#usePaper();
    return { ok: true };
  }

  #choose(): Queue {
    const r = this.#random();
    return r < 0.75 ? 'personal' : r < 0.92 ? 'corporate' : 'priority';
  }

  #take(queue: Queue): { ticket: string; before: number } {
    this.#numbers[queue] = (this.#numbers[queue] % 999) + 1;
    const ticket = `${prefix[queue]}${String(this.#numbers[queue]).padStart(3, '0')}`;
    const before = this.#waiting.filter((t) => t.queue === queue).length;
    this.#waiting.push({ ticket, queue, takenAt: Date.now() });
    this.#issued++;
    this.#line?.event('ticketTaken', { ticket, queue, waitingBefore: before });
    this.#usePaper();
    this.#report();
    return { ticket, before };
  }

  /** Priority first, then who came first. */
  #call(counter: number): Ticket | undefined {
    const at = Math.max(
      0,
      this.#waiting.findIndex((t) => t.queue === 'priority'),
    );
    const [ticket] = this.#waiting.splice(at, 1);
    if (!ticket) return undefined;
    const waited = Math.round((Date.now() - ticket.takenAt) / 1000);
    this.#called++;
    this.#waits.push(waited);
    if (this.#waits.length > 50) this.#waits.shift();
    this.#atCounter.set(counter, ticket);
    this.#line?.event('ticketCalled', { ticket: ticket.ticket, queue: ticket.queue, counter, waited });
    this.#report();
    return ticket;
  }

  #usePaper(): void {
    this.#paperLeft = Math.max(0, this.#paperLeft - 1);
    if (this.#paperLeft === 40) this.#line?.event('paperLow');
    if (this.#paperLeft === 0) {
      this.#line?.event('paperOut');
      // Somebody in the hall changes the roll.
      setTimeout(() => {
        this.#paperLeft = 400;
        this.#line?.event('paperRefilled');
        this.#report();
      }, 20_000).unref();
    }
  }

  #report(): void {
    const waiting = (queue: Queue) => this.#waiting.filter((t) => t.queue === queue).length;
    const mean = this.#waits.length > 0 ? this.#waits.reduce((a, b) => a + b, 0) / this.#waits.length / 60 : 0;
    this.#line?.telemetry({
      waiting: this.#waiting.length,
      waitingPersonal: waiting('personal'),
      waitingCorporate: waiting('corporate'),
      waitingPriority: waiting('priority'),
      averageWait: Number(mean.toFixed(1)),
      issuedToday: this.#issued,
      calledToday: this.#called,
      taking: this.#taking,
      paper: this.#paperLeft === 0 ? 'out' : this.#paperLeft <= 40 ? 'low' : 'ok',
      boardTemperature: Number((41 + 2 * Math.sin(Date.now() / 300_000) + this.#random()).toFixed(1)),
      uptime: Math.floor((Date.now() - this.#startedAt) / 1000),
    });
  }
}

const failed = (code: string, message: string): CommandResult => ({ ok: false, error: { code, message } });

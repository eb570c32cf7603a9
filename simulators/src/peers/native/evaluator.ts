import { type Behaviour, type CommandResult, type DeviceLine, type QuietLine, quietly } from './native-device.js';

const scores = ['verySatisfied', 'satisfied', 'neutral', 'dissatisfied', 'veryDissatisfied'] as const;

export interface EvaluatorOptions {
  readonly serial?: string;
  readonly random?: () => number;
  /** Mean time between two visitors who press without being asked; 0: only when asked. */
  readonly ratingEveryMs?: number;
}

/** profile hallhub/ev-100: staff sign on at it, it shows notices, asks for a rating, reports battery and radio. */
export class Evaluator implements Behaviour {
  readonly identity;
  readonly #random: () => number;
  readonly #options: EvaluatorOptions;
  #state: 'idle' | 'prompting' | 'notice' = 'idle';
  #signedOn = true;
  #battery = 96;
  #charging = false;
  #volume = 6;
  #ratings = 0;
  #satisfied = 0;
  #line: QuietLine | undefined;

  constructor(options: EvaluatorOptions = {}) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.identity = { vendor: 'hallhub', model: 'ev-100', serial: options.serial ?? 'EV1000042', firmware: '2.0.1' };
  }

  start(line: DeviceLine): Disposable {
    this.#line = quietly(line);
    const { ratingEveryMs = 0 } = this.#options;
    this.#report();
    const report = setInterval(() => {
      this.#wear();
      this.#report();
    }, 5000);
    let next: NodeJS.Timeout | undefined;
    const visit = () => {
      next = setTimeout(
        () => {
          this.#rate();
          visit();
        },
        -Math.log(1 - this.#random()) * ratingEveryMs,
      );
    };
    if (ratingEveryMs > 0) visit();
    return {
      [Symbol.dispose]: () => {
        clearInterval(report);
        clearTimeout(next);
        this.#line = undefined;
      },
    };
  }

  execute(command: string, input: Record<string, unknown>): CommandResult | undefined {
    switch (command) {
      case 'signOn':
      case 'signOff':
        this.#signedOn = command === 'signOn';
        this.#report();
        return { ok: true };
      case 'prompt':
        this.#prompt(Number(input.waitSeconds ?? 30), typeof input.ticket === 'string' ? input.ticket : undefined);
        return { ok: true, output: { accepted: true } };
      case 'showNotice':
        this.#state = 'notice';
        this.#report();
        return { ok: true };
      case 'setVolume':
        this.#volume = Number(input.volume);
        this.#report();
        return { ok: true };
      case 'restart':
        this.#state = 'idle';
        this.#report();
        return { ok: true };
      default:
        return undefined;
    }
  }

  /** Most people press within a few seconds; one in five walks away. */
  #prompt(waitSeconds: number, ticket: string | undefined): void {
    this.#state = 'prompting';
    this.#report();
    const takes = 2 + this.#random() * 6;
    const presses = takes < waitSeconds && this.#random() < 0.8;
    setTimeout(
      () => {
        if (presses) this.#rate(ticket, takes);
        else this.#line?.event('ratingMissed', ticket === undefined ? {} : { ticket });
        this.#state = 'idle';
        this.#report();
      },
      (presses ? takes : waitSeconds) * 1000,
    ).unref();
  }

  #rate(ticket?: string, takes = 3): void {
    const at = Math.min(4, Math.floor(-Math.log(1 - this.#random()) * 0.9));
    const score = scores[at] ?? 'satisfied';
    this.#ratings++;
    if (at <= 1) this.#satisfied++;
    this.#line?.event('rated', {
      score,
      responseTime: Number(takes.toFixed(1)),
      ...(ticket === undefined ? {} : { ticket }),
    });
    this.#report();
  }

  #wear(): void {
    this.#battery = Math.min(100, Math.max(0, this.#battery + (this.#charging ? 0.5 : -0.05)));
    if (this.#battery < 20) this.#charging = true;
    if (this.#battery >= 100) this.#charging = false;
  }

  #report(): void {
    this.#line?.telemetry({
      state: this.#state,
      signedOn: this.#signedOn,
      battery: Math.round(this.#battery),
      charging: this.#charging,
      ratingsToday: this.#ratings,
      satisfactionToday: this.#ratings > 0 ? Number(((100 * this.#satisfied) / this.#ratings).toFixed(1)) : 100,
      volume: this.#volume,
      signal: Math.round(-58 - 4 * this.#random()),
    });
  }
}

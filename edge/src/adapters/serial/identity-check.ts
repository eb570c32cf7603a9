import type { Clock } from '@hallhub/shared';
import type { DeviceView, FoundDevice, LoadedProfile } from '../../ports/index.js';
import type { Slot } from './config.js';
import { askProbe, foundDevice, type Probe, toldIdentity } from './identify.js';
import type { SerialSession } from './serial-session.js';

export interface IdentityCheckOptions {
  readonly view: DeviceView & { readonly profile: LoadedProfile };
  readonly slot: Slot;
  readonly clock: Clock;
  /** How soon a stranger is asked again who he is. */
  readonly retryMs: number;
  /** The device's own probes that ask; empty: it cannot be asked. */
  own(): readonly Probe[];
  /** Probes of the other profiles that this line fits. */
  others(): readonly Probe[];
  /** Something else answers in its place. */
  onOther(found: FoundDevice): void;
  /** It does not answer its own probe. */
  onSilent(): void;
}

/**
 * Whether the registered device is still the one on the line, asked anew after every opening of the port: what is plugged in
 * again may be another. Only a stranger's own answer counts against it; one that is merely silent is polled as ever.
 */
export class IdentityCheck {
  /** `other`: something else answers, so that nothing on the line is taken for the device's. */
  state: 'open' | 'right' | 'other' = 'open';
  notBeforeMs = 0;
  other: FoundDevice | undefined;
  #queue: { probe: Probe; isOwn: boolean }[] | undefined;

  constructor(private readonly options: IdentityCheckOptions) {}

  /** The port was opened anew: nothing is known of who is there. */
  restart(): void {
    this.#queue = undefined;
    this.notBeforeMs = 0;
    if (this.state === 'right') this.state = 'open';
  }

  /** It has stopped answering: somebody else may be there. */
  doubt(): void {
    if (this.state === 'right') this.restart();
  }

  /** Asks one question. Call it again while the state is not `right`, when `notBeforeMs` has come. */
  async step(session: SerialSession, signal: AbortSignal): Promise<void> {
    const { slot, view } = this.options;
    const queue = this.#queue ?? this.#questions();
    this.#queue = queue;
    const next = queue.shift();
    if (!next) {
      this.#settle();
      return;
    }
    const frame = await askProbe(session, next.probe, slot.params, signal);
    if (!frame) {
      if (next.isOwn && !queue.some((one) => one.isOwn)) this.options.onSilent();
      if (queue.length === 0) this.#settle();
      return;
    }
    const { serial } = toldIdentity(next.probe.profile, frame, slot.params);
    if (next.isOwn && (serial === undefined || serial === view.identity.serial)) {
      this.state = 'right';
      this.other = undefined;
      return;
    }
    this.state = 'other';
    this.#queue = undefined;
    this.notBeforeMs = this.options.clock.monotonicMs() + this.options.retryMs;
    this.other = foundDevice(next.probe.profile, frame, { ...slot, isNamed: false });
    this.options.onOther(this.other);
  }

  /** Asks the device itself, at most twice: a person waits for what comes next. */
  async hurry(session: SerialSession, signal: AbortSignal): Promise<void> {
    for (let tries = 0; tries < 2 && this.state === 'open'; tries++) await this.step(session, signal);
  }

  /** Nobody answered: whoever is there is polled as if it were the device. */
  #settle(): void {
    this.#queue = undefined;
    this.state = 'right';
  }

  #questions(): { probe: Probe; isOwn: boolean }[] {
    const own = this.options.own().map((probe) => ({ probe, isOwn: true }));
    if (own.length === 0) return [];
    return [...own, ...own, ...this.options.others().map((probe) => ({ probe, isOwn: false }))];
  }
}

/** For a command that reaches the wrong device. */
export const isDisplaced = (check: IdentityCheck): string | undefined =>
  check.state === 'other' && check.other
    ? `${check.other.identity.vendor} ${check.other.identity.model} answers in its place`
    : undefined;

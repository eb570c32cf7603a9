import type { Socket } from 'node:net';
import type { Clock, Timer } from '@hallhub/shared';
import type { AdmissionLimits } from './admission-limits.js';
import { AdmissionPace } from './admission-pace.js';
import { TokenBucket } from './token-bucket.js';
import { addressKey } from './unit-networks.js';
import { WaitingLine } from './waiting-line.js';

export type AdmissionRefusal = 'too_many' | 'too_many_of_address' | 'waited_too_long' | 'not_proved';

export interface AdmissionGateOptions {
  readonly limits: AdmissionLimits;
  readonly clock: Clock;
  readonly onRefused: (reason: AdmissionRefusal, socket: Socket) => void;
  /** Let in, after so long in the line. */
  readonly onAdmitted?: (waitedMs: number) => void;
  readonly pace?: AdmissionPace;
}

interface Waiting {
  readonly socket: Socket;
  readonly address: string;
  readonly sinceMs: number;
  readonly start: () => void;
}

/** When all places are taken, one that has not proved itself for this long makes room. */
const evictAfterMs = 2_000;
const sweepMs = 1_000;

/**
 * Stands before everything that costs something: lets connections in at a bounded rate, slower while the process is late, addresses
 * in turn, holds few that have not proved who they are, and ends the rest at once and cheaply: units come back by their own back-off.
 */
export class AdmissionGate {
  readonly #options: AdmissionGateOptions;
  readonly #bucket: TokenBucket;
  /** In the order in which they were let in. */
  readonly #unproven = new Map<Socket, number>();
  /** Unproven and waiting, by address. */
  readonly #held = new Map<string, number>();
  readonly #addresses = new WeakMap<Socket, string>();
  readonly #line = new WaitingLine<Waiting>();
  readonly #pace: AdmissionPace;
  /** When the line is looked at again: for the rate's sake, or because all places are taken. */
  #turn: { readonly timer: Timer; readonly forRoom: boolean } | undefined;
  #sweep: Timer | undefined;
  #closed = false;

  constructor(options: AdmissionGateOptions) {
    this.#options = options;
    this.#pace = options.pace ?? new AdmissionPace();
    this.#bucket = new TokenBucket(options.limits, options.clock.monotonicMs());
  }

  get unproven(): number {
    return this.#unproven.size;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** `start` is called once, now or later; the socket must be paused until then. */
  enter(socket: Socket, start: () => void): void {
    const { limits, clock } = this.#options;
    // Nobody else listens before `start`, and an error without a listener would end the process.
    socket.on('error', ignore);
    const address = addressKey(socket.remoteAddress);
    const held = this.#held.get(address) ?? 0;
    if (this.#closed || held >= limits.maxPerAddress) {
      this.#refuse(socket, 'too_many_of_address');
      return;
    }
    const perSecond = limits.perSecond * this.#pace.share;
    if (this.#line.size >= Math.min(limits.maxWaiting, (perSecond * limits.maxWaitMs) / 1_000)) {
      const displaced = this.#line.displace(address);
      this.#refuse(displaced?.socket ?? socket, 'too_many');
      if (!displaced) return;
    }
    this.#held.set(address, held + 1);
    this.#addresses.set(socket, address);
    socket.once('close', () => this.proved(socket));
    this.#line.push(address, { socket, address, start, sinceMs: clock.monotonicMs() });
    this.#serve();
  }

  /** It has shown who it is (from here on it counts as a unit's connection), or is gone. */
  proved(socket: Socket): void {
    const address = this.#addresses.get(socket);
    if (address === undefined) return;
    this.#addresses.delete(socket);
    const held = (this.#held.get(address) ?? 1) - 1;
    if (held > 0) this.#held.set(address, held);
    else this.#held.delete(address);
    if (!this.#unproven.delete(socket)) return;
    if (this.#turn?.forRoom) {
      this.#turn.timer.cancel();
      this.#turn = undefined;
    }
    this.#serve();
  }

  close(): void {
    this.#closed = true;
    this.#turn?.timer.cancel();
    this.#sweep?.cancel();
    for (let next = this.#line.shift(); next; next = this.#line.shift()) next.socket.destroy();
    for (const socket of this.#unproven.keys()) socket.destroy();
  }

  #serve(): void {
    if (this.#turn || this.#closed) return;
    const { limits, clock } = this.#options;
    while (this.#line.size > 0) {
      const nowMs = clock.monotonicMs();
      const forRoom = this.#unproven.size >= limits.maxUnproven;
      const waitMs = forRoom ? this.#makeRoom(nowMs) : this.#bucket.take(nowMs, this.#price());
      if (waitMs > 0) {
        const timer = clock.setTimeout(() => {
          this.#turn = undefined;
          this.#pace.note(clock.monotonicMs() - nowMs - waitMs);
          this.#serve();
        }, waitMs);
        this.#turn = { timer, forRoom };
        return;
      }
      if (forRoom) continue;
      const next = this.#line.shift();
      if (next) this.#admit(next, nowMs);
    }
  }

  /** Tokens for one: more while the process is late. */
  #price(): number {
    return Math.min(1 / this.#pace.share, this.#options.limits.burst);
  }

  #admit({ socket, start, sinceMs }: Waiting, nowMs: number): void {
    if (socket.destroyed) return;
    if (nowMs - sinceMs > this.#options.limits.maxWaitMs) {
      this.#refuse(socket, 'waited_too_long');
      return;
    }
    this.#unproven.set(socket, nowMs);
    this.#sweep ??= this.#options.clock.setTimeout(() => this.#endLate(), sweepMs);
    this.#options.onAdmitted?.(nowMs - sinceMs);
    start();
  }

  /** Ends the oldest if it had its chance; returns how long to wait for one that had not. */
  #makeRoom(nowMs: number): number {
    const oldest = this.#unproven.entries().next();
    if (oldest.done) return 0;
    const [socket, sinceMs] = oldest.value;
    const leftMs = evictAfterMs - (nowMs - sinceMs);
    if (leftMs > 0) return Math.min(leftMs, 100);
    this.#unproven.delete(socket);
    this.#refuse(socket, 'not_proved');
    return 0;
  }

  #endLate(): void {
    this.#sweep = undefined;
    const { clock, limits } = this.#options;
    const lateMs = clock.monotonicMs() - limits.proveWithinMs;
    for (const [socket, sinceMs] of this.#unproven) {
      if (sinceMs > lateMs) break;
      this.#unproven.delete(socket);
      this.#refuse(socket, 'not_proved');
    }
    if (this.#unproven.size > 0 && !this.#closed) this.#sweep = clock.setTimeout(() => this.#endLate(), sweepMs);
  }

  #refuse(socket: Socket, reason: AdmissionRefusal): void {
    this.#options.onRefused(reason, socket);
    // A reset costs one packet and leaves nothing behind in this machine's tables.
    socket.resetAndDestroy();
  }
}

const ignore = (): void => {};

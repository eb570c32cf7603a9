import type { Clock, Timer } from '@hallhub/shared';
import { type Lane, laneNames } from '@hallhub/shared/wire';
import { LineMeter } from './line-meter.js';
import { type LowDataMode, LowDataSwitch } from './low-data-switch.js';
import { PictureShare } from './picture-share.js';
import { TokenBucket } from './token-bucket.js';

/** In order of service. */
export const trafficKinds = [...laneNames, 'evidence'] as const satisfies readonly (Lane | 'evidence')[];
export type Traffic = (typeof trafficKinds)[number];

export interface LinkBudgetOptions {
  readonly clock: Clock;
  /** Over all that goes up; left out: no cap. */
  readonly maxBytesPerSecond?: number;
  readonly lowData?: LowDataMode;
  /** Told of every change of the low-data mode. */
  readonly onLowData?: (on: boolean, bytesPerSecond: number | undefined) => void;
}

/** A message on the wire. */
export interface Flight {
  /** The answer came: what the line carries is learned from it. */
  answered(): void;
  /** It will not be waited for any more; `silent`: nothing came back in time. */
  over(silent?: boolean): void;
}

interface Waiting {
  readonly traffic: Traffic;
  readonly bytes: number;
  readonly send: (flight: Flight) => void;
}

/** MQTT, TLS and TCP around a message. */
const overheadBytes = 160;
const leastBatchBytes = 2_048;

/**
 * What goes up, in strict order of service: events and answers, live, manifests, backlog, evidence. With a cap it is a token bucket, which
 * events alone may overdraw; on a slow line one bulk message at a time is on its way, of a size that takes it a bounded time, so that
 * an event waits for one of them at most. Without a cap, on a fast line, nothing waits.
 */
export class LinkBudget {
  readonly #options: LinkBudgetOptions;
  readonly #bucket: TokenBucket | undefined;
  readonly #meter: LineMeter;
  readonly #lowData: LowDataSwitch;
  readonly #queues = new Map<Traffic, Waiting[]>(trafficKinds.map((traffic) => [traffic, []]));
  /** Live pictures, which take what is left over. */
  readonly pictures: PictureShare;
  #timer: Timer | undefined;
  #onTheWay = 0;
  #bulkOnTheWay = 0;
  #sentBytes = 0;

  constructor(options: LinkBudgetOptions) {
    this.#options = options;
    const { clock, maxBytesPerSecond: cap, lowData = 'off', onLowData } = options;
    this.#bucket = cap === undefined ? undefined : new TokenBucket(clock, cap);
    this.#meter = new LineMeter(clock);
    this.#lowData = new LowDataSwitch({ clock, mode: lowData, onChange: (on) => onLowData?.(on, this.bytesPerSecond) });
    if (cap !== undefined) this.#lowData.look(cap);
    const waits = (kinds: readonly Traffic[]) => kinds.some((kind) => (this.#queues.get(kind)?.length ?? 0) > 0);
    this.pictures = new PictureShare({
      ...{ clock, bucket: this.#bucket },
      // What was measured while nobody looked; while pictures go, answers tell of what they leave over.
      lineBytesPerSecond: () => this.#meter.bytesPerSecond,
      isUrgentWaiting: () => waits(['events', 'live', 'manifest']),
      isBulkWaiting: () => waits(['backlog', 'evidence']),
      onTaken: (bytes) => {
        this.#sentBytes += bytes;
      },
    });
  }

  /** What can be counted on: the cap, or less where the line carries less; undefined: enough. */
  get bytesPerSecond(): number | undefined {
    const { maxBytesPerSecond: cap } = this.#options;
    const measured = this.#meter.bytesPerSecond;
    if (cap === undefined || measured === undefined) return cap ?? measured;
    return Math.min(cap, measured);
  }

  get maxBytesPerSecond(): number | undefined {
    return this.#options.maxBytesPerSecond;
  }

  get roundTripMs(): number | undefined {
    return this.#meter.roundTripMs;
  }

  get lowData(): boolean {
    return this.#lowData.on;
  }

  /** Bytes sent up since the start, with what goes around them. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** How much one message may hold, so that it takes the line one to three seconds. */
  get batchBytes(): number {
    const rate = this.bytesPerSecond;
    if (rate === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(leastBatchBytes, Math.round((rate * this.#batchMs) / 1_000));
  }

  /** How long an answer to so many bytes may take before it is given up. */
  answerTimeoutMs(bytes: number, leastMs: number): number {
    const rate = this.bytesPerSecond;
    const lineMs = rate === undefined ? 0 : ((bytes + this.#onTheWay) / rate) * 1_000;
    return Math.min(90_000, Math.max(leastMs, 4 * (this.roundTripMs ?? 0) + 3 * lineMs));
  }

  /** `send` is called when it is this message's turn, perhaps at once. Returns how to give up waiting. */
  request(traffic: Traffic, bytes: number, send: (flight: Flight) => void): () => void {
    const waiting: Waiting = { traffic, bytes: bytes + overheadBytes, send };
    const queue = this.#queues.get(traffic) ?? [];
    queue.push(waiting);
    this.#pump();
    return () => {
      const at = queue.indexOf(waiting);
      if (at >= 0) queue.splice(at, 1);
    };
  }

  /** Greetings and heartbeats: small, never waiting, counted all the same. */
  charge(bytes: number): void {
    this.#bucket?.take(bytes + overheadBytes);
    this.#sentBytes += bytes + overheadBytes;
  }

  get #batchMs(): number {
    return Math.max(1_000, Math.min(3_000, 1.5 * (this.roundTripMs ?? 0)));
  }

  #pump(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const queue of this.#queues.values()) {
      for (let next = queue[0]; next; next = queue[0]) {
        const waitMs = this.#waitMs(next);
        if (waitMs > 0) {
          // Nobody of lower rank passes; an answer that frees the line looks again.
          if (waitMs !== Number.POSITIVE_INFINITY) {
            this.#timer = this.#options.clock.setTimeout(() => this.#pump(), Math.ceil(waitMs));
          }
          return;
        }
        queue.shift();
        this.#take(next);
      }
    }
  }

  #waitMs({ traffic, bytes }: Waiting): number {
    const bucket = this.#bucket;
    if (traffic === 'events') return bucket ? bucket.waitMs(-bucket.burstBytes) : 0;
    if (this.#bulkOnTheWay > 0 && this.#bulkOnTheWay + bytes > this.batchBytes + overheadBytes) {
      return Number.POSITIVE_INFINITY;
    }
    return bucket ? bucket.waitMs(Math.min(bytes, bucket.burstBytes)) : 0;
  }

  #take({ traffic, bytes, send }: Waiting): void {
    this.#bucket?.take(bytes);
    this.#sentBytes += bytes;
    const sentMs = this.#options.clock.monotonicMs();
    const isBulk = traffic !== 'events';
    this.#onTheWay += bytes;
    if (isBulk) this.#bulkOnTheWay += bytes;
    let isOver = false;
    const over = (silent = false): void => {
      if (isOver) return;
      isOver = true;
      this.#onTheWay -= bytes;
      if (isBulk) this.#bulkOnTheWay -= bytes;
      if (silent) this.#meter.lost();
      this.#lowData.look(this.bytesPerSecond);
      this.#pump();
    };
    const answered = (): void => {
      if (isOver) return;
      this.#meter.answered(bytes, this.#options.clock.monotonicMs() - sentMs);
      over();
    };
    send({ answered, over });
  }
}

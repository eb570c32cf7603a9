import type { Clock } from '@hallhub/shared';
import { z } from 'zod';
import type { Logger } from '../ports/index.js';
import type { StoreFile } from '../store/index.js';

export const producedKinds = ['events', 'telemetry', 'evidence'] as const;
export type ProducedKind = (typeof producedKinds)[number];

export interface Amount {
  readonly rows: number;
  readonly bytes: number;
}
export type Amounts = Readonly<Record<ProducedKind, Amount>>;

export interface Rates {
  /** How long was watched, ms of the agent's running. */
  readonly measuredMs: number;
  /** Over that time. */
  readonly amounts: Amounts;
}

const amount = z.object({ rows: z.number().min(0), bytes: z.number().min(0) });
const amountsSchema = z.object({ events: amount, telemetry: amount, evidence: amount });

const bucketMs = 600_000;
const windowMs = 24 * 3_600_000;
const savedEveryMs = 60_000;
/** A unit that is restarted every minute makes short ones. */
const maxBuckets = 1_440;

interface Bucket {
  readonly id: number;
  measuredMs: number;
  amounts: Amounts;
}

const none: Amounts = {
  events: { rows: 0, bytes: 0 },
  telemetry: { rows: 0, bytes: 0 },
  evidence: { rows: 0, bytes: 0 },
};

export interface RateBookOptions {
  readonly hub: StoreFile;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Since the start of the agent. */
  readonly produced: () => Amounts;
}

/**
 * What the unit produced in the last 24 hours of its running, in steps of ten minutes. Kept across restarts (at most a minute is lost) and by
 * the monotonic clock: time during which the agent did not run is not counted, and a wall clock that jumps changes nothing.
 */
export class RateBook {
  readonly #options: RateBookOptions;
  #buckets: Bucket[];
  #noted: Amounts = none;
  #notedMs: number;
  #savedMs: number;

  constructor(options: RateBookOptions) {
    this.#options = options;
    this.#notedMs = options.clock.monotonicMs();
    this.#savedMs = this.#notedMs;
    const rows = options.hub.commit.db
      .prepare('SELECT bucket AS id, measured_ms AS measuredMs, amounts FROM produced ORDER BY bucket')
      .all() as { id: number; measuredMs: number; amounts: string }[];
    this.#buckets = rows.flatMap(({ id, measuredMs, amounts }) => {
      const read = amountsSchema.safeParse(parseJson(amounts));
      return read.success && measuredMs > 0 ? [{ id, measuredMs, amounts: read.data }] : [];
    });
    this.#buckets.push({ id: (rows.at(-1)?.id ?? 0) + 1, measuredMs: 0, amounts: none });
  }

  /** Takes up what was produced since the last call. Call it every few seconds. */
  tick(): void {
    const { clock, produced } = this.#options;
    const [nowMs, now] = [clock.monotonicMs(), produced()];
    const last = this.#last();
    last.measuredMs += nowMs - this.#notedMs;
    last.amounts = combine(last.amounts, now, this.#noted);
    [this.#notedMs, this.#noted] = [nowMs, now];
    const isFull = last.measuredMs >= bucketMs;
    if (isFull || nowMs - this.#savedMs >= savedEveryMs) this.#save(last, nowMs);
    if (isFull) this.#buckets.push({ id: last.id + 1, measuredMs: 0, amounts: none });
  }

  get rates(): Rates {
    return this.#buckets.reduce<Rates>(
      (sum, { measuredMs, amounts }) => ({
        measuredMs: sum.measuredMs + measuredMs,
        amounts: combine(sum.amounts, amounts, none),
      }),
      { measuredMs: 0, amounts: none },
    );
  }

  /** Goes with the next commit: figures are not worth an fsync of their own. */
  #save(bucket: Bucket, nowMs: number): void {
    this.#savedMs = nowMs;
    let keptMs = 0;
    const kept = [...this.#buckets].reverse().filter((one) => {
      const isKept = keptMs < windowMs;
      keptMs += one.measuredMs;
      return isKept;
    });
    this.#buckets = kept.slice(0, maxBuckets).reverse();
    const oldest = this.#buckets[0]?.id ?? bucket.id;
    const values = [bucket.id, bucket.measuredMs, JSON.stringify(bucket.amounts)];
    this.#options.hub.commit
      .write(
        (tx) => {
          tx.db.prepare('INSERT OR REPLACE INTO produced (bucket, measured_ms, amounts) VALUES (?, ?, ?)').run(values);
          tx.db.prepare('DELETE FROM produced WHERE bucket < ?').run(oldest);
        },
        { patienceMs: 5_000 },
      )
      .catch((error) => this.#options.logger.warn({ error: String(error) }, 'rates could not be kept'));
  }

  #last(): Bucket {
    const last = this.#buckets.at(-1);
    if (last) return last;
    const first = { id: 1, measuredMs: 0, amounts: none };
    this.#buckets.push(first);
    return first;
  }
}

/** a + b - c, by kind. */
const combine = (a: Amounts, b: Amounts, c: Amounts): Amounts => {
  const one = (kind: ProducedKind): Amount => ({
    rows: a[kind].rows + Math.max(0, b[kind].rows - c[kind].rows),
    bytes: a[kind].bytes + Math.max(0, b[kind].bytes - c[kind].bytes),
  });
  return { events: one('events'), telemetry: one('telemetry'), evidence: one('evidence') };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

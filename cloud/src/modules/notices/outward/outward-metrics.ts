import type { Clock } from '@hallhub/shared';
import { type Database, withSystem } from '../../../db/index.js';
import type { Counter, Gauge, MetricsRegistry } from '../../../http/metrics.js';
import { type ChannelKind, channelKinds } from '../tables.js';
import type { Outcome } from './settle.js';

const everyMs = 15_000;

/** What Prometheus learns: tries by what came of them, receipts, and what waits. */
export class OutwardMetrics {
  readonly #tries: Counter<'channel' | 'outcome'>;
  readonly #receipts: Counter<'state'>;
  readonly #waiting: Gauge<'channel'>;
  readonly #oldest: Gauge<'channel'>;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(metrics: MetricsRegistry) {
    this.#tries = metrics.counter({
      name: 'hallhub_notice_tries_total',
      help: 'Notices handed to a channel by this process, by what came of it',
      labels: ['channel', 'outcome'],
    });
    this.#receipts = metrics.counter({
      name: 'hallhub_notice_receipts_total',
      help: 'Delivery receipts of short messages, by what they said',
      labels: ['state'],
    });
    this.#waiting = metrics.gauge({
      name: 'hallhub_notice_waiting',
      help: 'Notices that are due and not yet sent, in the whole installation',
      labels: ['channel'],
    });
    this.#oldest = metrics.gauge({
      name: 'hallhub_notice_oldest_seconds',
      help: 'Since when the longest of them is due',
      labels: ['channel'],
    });
  }

  count(channel: ChannelKind, outcome: Outcome): void {
    this.#tries.inc({ channel, outcome });
  }

  receipt(state: 'delivered' | 'failed' | 'repeated' | 'strange'): void {
    this.#receipts.inc({ state });
  }

  /** Reads what waits, now and then. */
  async look({ database, clock }: { readonly database: Database; readonly clock: Clock }): Promise<void> {
    const monotonicMs = clock.monotonicMs();
    if (monotonicMs - this.#lookedMs < everyMs) return;
    this.#lookedMs = monotonicMs;
    const nowMs = clock.now();
    const { rows } = await withSystem(
      database,
      (tx) =>
        tx.$client.query<{ channel: ChannelKind; waiting: number; oldest: Date }>(
          `SELECT channel, count(*)::int AS waiting, min(next_at) AS oldest FROM notice_deliveries
           WHERE state = 'waiting' AND next_at <= $1 GROUP BY channel`,
          [new Date(nowMs)],
        ),
      { readOnly: true },
    );
    for (const channel of channelKinds) {
      const of = rows.find((row) => row.channel === channel);
      this.#waiting.set({ channel }, of?.waiting ?? 0);
      this.#oldest.set({ channel }, of ? (nowMs - of.oldest.getTime()) / 1_000 : 0);
    }
  }
}

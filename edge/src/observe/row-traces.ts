import type { Clock } from '@hallhub/shared';
import { isRowSampled, type SpanSink, spanOf, traceOfRow } from '@hallhub/shared/tracing';
import type { Lane } from '@hallhub/shared/wire';

/** What is remembered of sampled rows until the cloud has them; the oldest are forgotten beyond it. */
const maxRemembered = 2_000;

interface Remembered {
  readonly seq: number;
  readonly traceId: string;
}

/**
 * Spans of rows on the unit's side (docs/protocol.md 1.7): `reading`, from the reading's time to the outbox, and `uplink`, from
 * the batch's sending to its acknowledgement. Costs a comparison a row where it is not sampled.
 */
export class RowTraces {
  readonly #remembered = new Map<Lane, Remembered[]>();

  constructor(readonly options: { readonly spans: SpanSink; readonly clock: Clock }) {}

  /** `chain`: the row's own; `at`: the row's time, epoch ms. */
  appended(
    lane: Lane,
    row: { readonly seq: number; readonly chain: Uint8Array; readonly at: number; readonly kind: string },
  ): void {
    const { spans, clock } = this.options;
    if (!isRowSampled(row.chain, spans.rowRatio)) return;
    const traceId = traceOfRow(row.chain);
    spans.add({
      ...{ name: 'reading', traceId, spanId: spanOf(traceId, 'reading') },
      ...{ startMs: row.at, endMs: clock.now() },
      attributes: { 'hallhub.lane': lane, 'hallhub.seq': row.seq, 'hallhub.kind': row.kind },
    });
    const rows = this.#remembered.get(lane) ?? [];
    this.#remembered.set(lane, rows);
    rows.push({ seq: row.seq, traceId });
    if (rows.length > maxRemembered) rows.shift();
  }

  /** A batch up to `cursor` was sent at `sentMs` (epoch) and acknowledged now. */
  acknowledged(lane: Lane, cursor: number, sentMs: number): void {
    const rows = this.#remembered.get(lane);
    if (!rows) return;
    const { spans, clock } = this.options;
    while (rows[0] && rows[0].seq <= cursor) {
      const { seq, traceId } = rows.shift() as Remembered;
      spans.add({
        ...{ name: 'uplink', traceId, spanId: spanOf(traceId, 'uplink'), parentSpanId: spanOf(traceId, 'reading') },
        ...{ startMs: sentMs, endMs: clock.now() },
        attributes: { 'hallhub.lane': lane, 'hallhub.seq': seq },
      });
    }
  }

  /** The lane's rows were numbered anew, or rolled back: what was remembered of them is void. */
  forget(lane: Lane): void {
    this.#remembered.delete(lane);
  }
}

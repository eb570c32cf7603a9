import type { Clock } from '@hallhub/shared';
import { isRowSampled, type SpanSink, spanOf, traceOfRow } from '@hallhub/shared/tracing';
import type { Lane } from '@hallhub/shared/wire';
import type { IngestOutcome } from '../modules/streams/ingest-batch.js';

/**
 * The cloud's span of a sampled row (docs/protocol.md 1.7): `ingest`, from the batch's arrival to the commit of the row, which the
 * attributes name. Costs a comparison a row where it is not sampled, and nothing where nobody traces.
 */
export const traceBatches =
  (spans: SpanSink, clock: Clock) =>
  (lane: Lane, { committed }: IngestOutcome, durationMs: number, unitId: string): void => {
    if (spans.rowRatio === 0 || !committed) return;
    const endMs = clock.now();
    for (const [i, chain] of committed.chains.entries()) {
      if (!isRowSampled(chain, spans.rowRatio)) continue;
      const traceId = traceOfRow(chain);
      spans.add({
        ...{ name: 'ingest', traceId, spanId: spanOf(traceId, 'ingest'), parentSpanId: spanOf(traceId, 'uplink') },
        ...{ startMs: endMs - durationMs, endMs },
        attributes: {
          'hallhub.unit.id': unitId,
          'hallhub.lane': lane,
          'hallhub.epoch': committed.epoch,
          'hallhub.seq': committed.firstSeq + i,
        },
      });
    }
  };

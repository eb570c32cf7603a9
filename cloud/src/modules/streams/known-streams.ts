import type { Lane } from '@hallhub/shared/wire';
import type { IngestOutcome } from './ingest-batch.js';

/** After a batch with something wrong in it so many clean ones go alone: whoever spoils others' transactions does it seldom. */
const cleanAgainAfter = 64;
const maxStreams = 100_000;

/**
 * Streams that this process has committed to and found nothing wrong with: their next batch may share a transaction with others'. What
 * is forgotten is written alone once more, nothing else.
 */
export class KnownStreams {
  /** Clean batches that are still wanted. */
  readonly #wanted = new Map<string, number>();

  has(unitId: string, lane: Lane): boolean {
    return this.#wanted.get(keyOf(unitId, lane)) === 0;
  }

  note(unitId: string, lane: Lane, { answer, aside }: IngestOutcome): void {
    const key = keyOf(unitId, lane);
    if (answer.result === 'busy' || answer.result === 'resync') return;
    if (answer.result === 'rejected' || aside > 0) this.#wanted.set(key, cleanAgainAfter);
    else this.#wanted.set(key, Math.max(0, (this.#wanted.get(key) ?? 1) - 1));
    if (this.#wanted.size > maxStreams) this.#wanted.clear();
  }
}

const keyOf = (unitId: string, lane: Lane): string => `${unitId} ${lane}`;

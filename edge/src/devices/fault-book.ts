import type { Clock } from '@hallhub/shared';
import type { Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';

const sameFaultAgainMs = 60_000;
const keptFaults = 2_000;

/** What the unit has to say about itself: logged, kept, and told to the cloud; the same one at most once a minute. */
export class FaultBook {
  readonly #last = new Map<string, number>();
  readonly #options: { store: Store; outbox: Outbox; clock: Clock; logger: Logger };

  constructor(options: { store: Store; outbox: Outbox; clock: Clock; logger: Logger }) {
    this.#options = options;
  }

  report(code: string, message: string, context: Readonly<Record<string, unknown>> = {}): void {
    const { store, outbox, clock, logger } = this.#options;
    const key = `${code}\n${message}`;
    const monoMs = clock.monotonicMs();
    const last = this.#last.get(key);
    if (last !== undefined && monoMs - last < sameFaultAgainMs) return;
    if (this.#last.size > 500) this.#last.clear();
    this.#last.set(key, monoMs);
    logger.warn({ code, ...context }, message);
    const json = JSON.parse(JSON.stringify(context));
    store.hub.commit
      .write((tx) => {
        const at = clock.now();
        const { lastInsertRowid } = tx.db
          .prepare('INSERT INTO fault (at, code, message, context) VALUES (?, ?, ?, ?)')
          .run(at, code, message, JSON.stringify(json));
        tx.db.prepare('DELETE FROM fault WHERE fault_id <= ?').run(Number(lastInsertRowid) - keptFaults);
        const row = {
          kind: 'fault' as const,
          at,
          code: code.slice(0, 64),
          message: message.slice(0, 2_000),
          context: json,
        };
        outbox.append(tx, 'events', row);
      })
      .catch((error) => logger.error({ code, error: String(error) }, 'a fault could not be stored'));
  }
}

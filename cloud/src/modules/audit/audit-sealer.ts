import type { Clock, Timer } from '@hallhub/shared';
import type { Database, DbLogger } from '../../db/index.js';
import { sealAudit } from './seal-audit.js';

/** How long rows may stand unchained after a write; the job that runs each minute is the net below. */
const delayMs = 1_000;

export interface AuditSealer {
  /** Something may have been written: seal soon. Never throws, never waits. */
  kick(): void;
  close(): Promise<void>;
}

export const startAuditSealer = (deps: {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Pick<DbLogger, 'warn'>;
}): AuditSealer => {
  const stopping = new AbortController();
  let timer: Timer | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const seal = (): void => {
    timer = undefined;
    running = sealAudit(deps.db, stopping.signal).catch((error: unknown) => {
      if (!stopping.signal.aborted)
        deps.log.warn({ err: error }, 'the audit trail could not be sealed; the job tries again');
    });
  };
  return {
    kick() {
      if (!stopping.signal.aborted) timer ??= deps.clock.setTimeout(seal, delayMs);
    },
    async close() {
      stopping.abort();
      timer?.cancel();
      await running;
    },
  };
};

import type { Clock, Timer } from '@hallhub/shared';
import { Gauge } from 'prom-client';
import type { DbLogger } from '../db/index.js';
import type { MetricsRegistry } from '../http/metrics.js';
import type { Backups } from './backups.js';
import { type BackupHealth, backupHealthStates } from './contract.js';

const everyMs = 60_000;

/** Tells Prometheus how the backups are; the alert rules stand on these two. */
export const watchBackups = (options: {
  readonly backups: Pick<Backups, 'health'>;
  readonly metrics: MetricsRegistry;
  readonly clock: Clock;
  readonly log: DbLogger;
}): { close(): void } => {
  const { backups, metrics, clock, log } = options;
  let seen: BackupHealth | undefined;
  let timer: Timer | undefined;
  let closed = false;
  const look = async (): Promise<void> => {
    try {
      seen = await backups.health();
    } catch (error) {
      log.debug({ err: error }, 'the state of the backups could not be read');
    }
    if (!closed) timer = clock.setTimeout(() => void look(), everyMs);
  };
  metrics.gaugeOf(
    {
      name: 'hallhub_backup_age_seconds',
      help: 'Age of the newest backup that was proved to restore; NaN without one',
    },
    () => (seen?.newestVerifiedAt ? (clock.now() - Date.parse(seen.newestVerifiedAt)) / 1000 : Number.NaN),
  );
  metrics.gaugeOf(
    { name: 'hallhub_backup_healthy', help: '1: a proved backup that is young enough, or backups are off' },
    () => (seen === undefined ? Number.NaN : Number(seen.state === 'ok' || seen.state === 'off')),
  );
  new Gauge({
    name: 'hallhub_backup_state',
    help: 'How the backups are: 1 for the state they are in',
    labelNames: ['state'],
    registers: [metrics.registry],
    collect() {
      for (const state of backupHealthStates) if (seen) this.set({ state }, Number(seen.state === state));
    },
  });
  void look();
  return {
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
};

import { relative } from 'node:path';
import type { BackupState } from './backups.js';
import type { BackupHealth } from './contract.js';

const isBelow = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || !(way.startsWith('..') || way.startsWith('/'));
};

/** How backups stand, for people and for alarms. */
export const readHealth = async ({
  settings,
  ledger,
  database,
  dataDir,
  incarnation,
  clock,
}: BackupState): Promise<BackupHealth> => {
  const facts = await ledger.facts(incarnation);
  const old = facts.verifiedAt === null || clock.now() - facts.verifiedAt.getTime() > settings.maxAgeHours * 3_600_000;
  const state = ((): BackupHealth['state'] => {
    if (!settings.on) return 'off';
    if (facts.lastState === null) return 'never';
    if (facts.lastState === 'failed') return 'failed';
    if (facts.broken) return 'log_lost';
    return old ? 'late' : 'ok';
  })();
  return {
    state,
    mode: settings.on ? (database.embedded ? 'files' : 'dump') : 'off',
    folder: settings.dir,
    keyFile: settings.keyFile,
    keyBesideData: isBelow(dataDir, settings.keyFile) || isBelow(settings.dir, settings.keyFile),
    folderBesideData: isBelow(dataDir, settings.dir),
    schedule: settings.cron,
    ...{ keepDaily: settings.keepDaily, keepWeekly: settings.keepWeekly, maxAgeHours: settings.maxAgeHours },
    newestVerifiedAt: facts.verifiedAt?.toISOString() ?? null,
    logArchivedAt: facts.logAt?.toISOString() ?? null,
  };
};

export const adviceOf = (health: BackupHealth): string =>
  ({
    ok: 'backups are well',
    off: 'backups are off',
    never: 'no backup of this database has been taken and proved yet',
    late: `the newest proved backup is older than ${health.maxAgeHours} hours`,
    failed: 'the newest backup failed',
    log_lost:
      'the log was not carried away in time: only the moments of whole backups can be restored until the next one',
  })[health.state];

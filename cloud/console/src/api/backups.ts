import { queryOptions } from '@tanstack/react-query';
import { get, post } from './request.js';

export interface Backup {
  readonly id: string;
  readonly kind: 'files' | 'dump';
  readonly state: 'running' | 'written' | 'verified' | 'failed' | 'removed';
  readonly reason: 'schedule' | 'person' | 'command';
  readonly requestedBy: string | null;
  readonly file: string | null;
  readonly bytes: number | null;
  readonly databaseBytes: number | null;
  readonly blobCount: number | null;
  readonly startedAt: string;
  readonly checkedAt: string | null;
  readonly check: {
    readonly ok: boolean;
    readonly faults: readonly { readonly what: string; readonly expected: string; readonly found: string }[];
    readonly migrations: number;
    readonly tables: number;
    readonly indexes: number;
    readonly restoreMs: number;
    readonly checkMs: number;
  } | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface BackupHealth {
  readonly state: 'ok' | 'never' | 'late' | 'failed' | 'log_lost' | 'off';
  readonly mode: 'files' | 'dump' | 'off';
  readonly folder: string;
  readonly keyFile: string;
  readonly keyBesideData: boolean;
  readonly folderBesideData: boolean;
  readonly keepDaily: number;
  readonly keepWeekly: number;
  readonly maxAgeHours: number;
  readonly newestVerifiedAt: string | null;
  readonly logArchivedAt: string | null;
}

export const backupsQuery = () =>
  queryOptions({
    queryKey: ['backups'],
    queryFn: ({ signal }) => get<{ health: BackupHealth; items: Backup[] }>('/backups', { signal }),
    refetchInterval: (query) =>
      query.state.data?.items.some(({ state }) => state === 'running' || state === 'written') ? 3_000 : 60_000,
  });

export const runBackup = () => post<{ queued: boolean }>('/backups', {});

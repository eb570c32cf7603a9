import type { HubError } from '@hallhub/shared';
import type { Pool } from 'pg';
import type { RestoreReport } from './check-restore.js';
import type { BackupDto } from './contract.js';

/** What a backup's row keeps beside its columns. */
export interface LedgerReport {
  readonly incarnation?: string;
  readonly firstSegment?: string;
  readonly check?: RestoreReport;
}

export interface LedgerRow {
  id: string;
  kind: 'files' | 'dump';
  state: BackupDto['state'];
  reason: BackupDto['reason'];
  requested_by: string | null;
  file: string | null;
  bytes: string | null;
  database_bytes: string | null;
  blob_count: number | null;
  blob_bytes: string | null;
  started_at: Date;
  written_at: Date | null;
  checked_at: Date | null;
  report: LedgerReport | null;
  error: { code: string; message: string; hint: string | null } | null;
}

/** The table of backups, by the owner's connections: no request's role may touch it. */
export class BackupLedger {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async begin(row: Pick<LedgerRow, 'id' | 'kind' | 'reason' | 'requested_by' | 'started_at'>): Promise<void> {
    // Whatever still says so was ended by the death of its process: only one runs at a time.
    await this.#pool.query(
      `UPDATE backups SET state = 'failed', error = '{"code": "cancelled", "message": "The process ended while this backup was taken", "hint": null}' WHERE state = 'running'`,
    );
    await this.#pool.query(
      `INSERT INTO backups (id, kind, state, reason, requested_by, started_at, database_bytes)
       VALUES ($1, $2, 'running', $3, $4, $5, pg_database_size(current_database()))`,
      [row.id, row.kind, row.reason, row.requested_by, row.started_at],
    );
  }

  async written(
    id: string,
    of: {
      readonly file: string;
      readonly bytes: number;
      readonly blobs: { readonly count: number; readonly bytes: number };
      readonly at: Date;
      readonly report: LedgerReport;
      readonly lsn?: { readonly start: string; readonly stop: string };
    },
  ): Promise<void> {
    await this.#pool.query(
      `UPDATE backups SET state = 'written', file = $2, bytes = $3, blob_count = $4, blob_bytes = $5, written_at = $6, report = $7,
         start_lsn = $8::pg_lsn, stop_lsn = $9::pg_lsn WHERE id = $1`,
      [
        ...[id, of.file, of.bytes, of.blobs.count, of.blobs.bytes, of.at, JSON.stringify(of.report)],
        ...[of.lsn?.start ?? null, of.lsn?.stop ?? null],
      ],
    );
  }

  async checked(id: string, check: RestoreReport, at: Date): Promise<void> {
    await this.#pool.query(
      `UPDATE backups SET state = $2, checked_at = $3, report = coalesce(report, '{}') || jsonb_build_object('check', $4::jsonb),
         error = CASE WHEN $2 = 'failed' THEN '{"code": "store_corrupt", "message": "What was restored from this backup is not what was backed up", "hint": null}'::jsonb END
       WHERE id = $1`,
      [id, check.ok ? 'verified' : 'failed', at, JSON.stringify(check)],
    );
  }

  async failed(id: string, error: HubError): Promise<void> {
    await this.#pool.query(`UPDATE backups SET state = 'failed', error = $2 WHERE id = $1`, [
      id,
      JSON.stringify({ code: error.code, message: error.message, hint: error.hint ?? null }),
    ]);
  }

  async removed(files: readonly string[]): Promise<void> {
    await this.#pool.query(`UPDATE backups SET state = 'removed' WHERE file = ANY($1) AND state <> 'failed'`, [files]);
  }

  async newest(limit: number): Promise<LedgerRow[]> {
    return (await this.#pool.query<LedgerRow>('SELECT * FROM backups ORDER BY started_at DESC LIMIT $1', [limit])).rows;
  }

  async facts(
    incarnation: string,
  ): Promise<{ lastState: string | null; verifiedAt: Date | null; logAt: Date | null; broken: boolean }> {
    const { rows } = await this.#pool.query<{
      lastState: string | null;
      verifiedAt: Date | null;
      logAt: Date | null;
      broken: boolean;
    }>(
      `SELECT (SELECT state FROM backups WHERE state <> 'running' ORDER BY started_at DESC LIMIT 1) AS "lastState",
         (SELECT max(coalesce(written_at, started_at)) FROM backups WHERE state IN ('verified', 'removed') AND checked_at IS NOT NULL) AS "verifiedAt",
         (SELECT archived_at FROM backup_logs WHERE incarnation = $1) AS "logAt",
         EXISTS (SELECT 1 FROM backup_logs WHERE incarnation = $1 AND broken_at IS NOT NULL) AS broken`,
      [incarnation],
    );
    return rows[0]!;
  }

  /** A new backup begins a new, whole log. */
  async logBegins(incarnation: string): Promise<void> {
    await this.#pool.query('UPDATE backup_logs SET broken_at = NULL, broken_reason = NULL WHERE incarnation = $1', [
      incarnation,
    ]);
  }
}

export const toBackupDto = (row: LedgerRow): BackupDto => {
  const check = row.report?.check;
  const number = (text: string | null): number | null => (text === null ? null : Number(text));
  return {
    ...{ id: row.id, kind: row.kind, state: row.state, reason: row.reason, requestedBy: row.requested_by },
    ...{ file: row.file, bytes: number(row.bytes), databaseBytes: number(row.database_bytes) },
    ...{ blobCount: row.blob_count, blobBytes: number(row.blob_bytes) },
    startedAt: row.started_at.toISOString(),
    writtenAt: row.written_at?.toISOString() ?? null,
    checkedAt: row.checked_at?.toISOString() ?? null,
    check: check
      ? {
          ...{ ok: check.ok, faults: [...check.faults], migrations: check.migrations, tables: check.tables },
          ...{ indexes: check.indexes, restoreMs: check.restoreMs, checkMs: check.checkMs },
        }
      : null,
    error: row.error,
  };
};

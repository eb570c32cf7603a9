import type { Clock } from '@hallhub/shared';
import type { Database } from '../db/index.js';
import { withSystem, withTenant } from '../db/index.js';
import type { IdempotencyState, IdempotencyStore, IdempotentRequest, StoredAnswer } from './idempotency.js';

const keptMs = 24 * 3_600_000;
/** A request that neither finished nor committed for so long died with its process. */
const staleMs = 120_000;

interface Row {
  fingerprint: string;
  started_at: Date;
  committed_at: Date | null;
  finished_at: Date | null;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
}

const stateOf = (row: Row, fingerprint: string): IdempotencyState | 'stale' => {
  if (row.fingerprint !== fingerprint) return { state: 'reused' };
  if (row.finished_at !== null && row.status !== null) {
    const answer = { status: row.status, headers: row.headers ?? {}, body: row.body };
    return answer.body === null ? { state: 'done' } : { state: 'replay', answer };
  }
  return row.committed_at === null ? 'stale' : { state: 'done' };
};

/** Keys in `http_idempotency`. The row is locked by its insert, so that of two equal requests one waits or loses. */
export const postgresIdempotency = (db: Database, clock: Clock): IdempotencyStore => {
  const within = <T>(request: IdempotentRequest, run: (query: Query) => Promise<T>): Promise<T> =>
    withTenant(db, request, (tx) =>
      run(
        async (text, values) =>
          (await tx.$client.query(text, [request.tenantId, request.userId, request.key, ...values])).rows,
      ),
    );
  const where = 'tenant_id = $1 AND user_id = $2 AND key = $3';

  return {
    begin: (request) =>
      within(request, async (query) => {
        const nowMs = clock.now();
        await query(`DELETE FROM http_idempotency WHERE ${where} AND started_at < $4`, [new Date(nowMs - keptMs)]);
        const mine = await query(
          `INSERT INTO http_idempotency (tenant_id, user_id, key, fingerprint, started_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT DO NOTHING RETURNING key`,
          [request.fingerprint, new Date(nowMs)],
        );
        if (mine.length > 0) return { state: 'run' };
        const rows = await query(`SELECT * FROM http_idempotency WHERE ${where} FOR UPDATE`, []);
        const row = rows[0] as Row | undefined;
        if (!row) return { state: 'running' };
        const state = stateOf(row, request.fingerprint);
        if (state !== 'stale') return state;
        if (nowMs - row.started_at.getTime() < staleMs) return { state: 'running' };
        await query(`UPDATE http_idempotency SET started_at = $4 WHERE ${where}`, [new Date(nowMs)]);
        return { state: 'run' };
      }),

    finish: (request, answer: StoredAnswer) =>
      within(request, async (query) => {
        await query(
          `UPDATE http_idempotency SET finished_at = $4, status = $5, headers = $6, body = $7 WHERE ${where}`,
          [
            new Date(clock.now()),
            answer.status,
            JSON.stringify(answer.headers),
            answer.body ?? (answer.status === 204 ? '' : null),
          ],
        );
      }),

    abandon: (request) =>
      within(request, async (query) => {
        await query(`DELETE FROM http_idempotency WHERE ${where} AND committed_at IS NULL`, []);
      }),
  };
};

type Query = (text: string, values: readonly unknown[]) => Promise<unknown[]>;

/** Forgets keys older than a day; run it hourly. Returns how many. */
export const sweepIdempotencyKeys = (db: Database, clock: Clock): Promise<number> =>
  withSystem(db, async (tx) => {
    const { rowCount } = await tx.$client.query('DELETE FROM http_idempotency WHERE started_at < $1', [
      new Date(clock.now() - keptMs),
    ]);
    return rowCount ?? 0;
  });

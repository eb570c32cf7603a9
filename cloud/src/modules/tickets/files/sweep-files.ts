import type { Clock } from '@hallhub/shared';
import { type Database, withSystem } from '../../../db/index.js';
import { ticketDeps } from '../ticket-deps.js';
import { lockContent } from './lock-content.js';

const dayMs = 86_400_000;

/** Files that were sent ahead of a ticket that never came go after a day; content goes with its last row. */
export const sweepFiles = async ({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): Promise<number> => {
  const { blobs } = ticketDeps(database);
  let removed = 0;
  for (;;) {
    const more = await withSystem(database, async (tx) => {
      const { rows } = await tx.$client.query<{ id: string; tenant_id: string; sha256: string }>(
        'SELECT id, tenant_id, sha256 FROM ticket_files WHERE ticket_id IS NULL AND made_at < $1 ORDER BY made_at LIMIT 1 FOR UPDATE SKIP LOCKED',
        [new Date(clock.now() - dayMs)],
      );
      const [row] = rows;
      if (!row) return false;
      const key = { tenantId: row.tenant_id, sha256: row.sha256 };
      await lockContent(tx, key);
      await tx.$client.query('DELETE FROM ticket_files WHERE id = $1', [row.id]);
      // What came from a platform lies in the same store.
      const { rowCount } = await tx.$client.query(
        `SELECT 1 FROM ticket_files WHERE tenant_id = $1 AND sha256 = $2
         UNION ALL SELECT 1 FROM exchange_files WHERE tenant_id = $1 AND sha256 = $2 LIMIT 1`,
        [row.tenant_id, row.sha256],
      );
      // Before the commit: were it after, a crash in between would leave the content for ever.
      if (rowCount === 0) await blobs.remove(key);
      return true;
    });
    if (!more) return removed;
    removed++;
  }
};

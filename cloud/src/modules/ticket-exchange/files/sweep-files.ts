import { withSystem } from '../../../db/index.js';
import { lockContent } from '../../tickets/files/lock-content.js';
import type { ExchangeDeps } from '../exchange-deps.js';

/** Long after its message: whoever names it again sends it again. */
const fileDays = 30;
const dayMs = 86_400_000;
const atATime = 500;

/** Forgets files that no message has named for long; content goes with its last row, here or at the tickets. */
export const sweepExchangeFiles = async ({
  database,
  blobs,
  clock,
}: Pick<ExchangeDeps, 'database' | 'blobs' | 'clock'>): Promise<number> => {
  for (let removed = 0; ; removed++) {
    if (removed >= atATime) return removed;
    const more = await withSystem(database, async (tx) => {
      const before = new Date(clock.now() - fileDays * dayMs);
      const { rows } = await tx.$client.query<{ tenant_id: string; sha256: string }>(
        'SELECT tenant_id, sha256 FROM exchange_files WHERE at < $1 ORDER BY at LIMIT 1',
        [before],
      );
      const [row] = rows;
      if (!row) return false;
      const key = { tenantId: row.tenant_id, sha256: row.sha256 };
      // First, as whoever takes a file does.
      await lockContent(tx, key);
      await tx.$client.query('DELETE FROM exchange_files WHERE tenant_id = $1 AND sha256 = $2 AND at < $3', [
        ...[row.tenant_id, row.sha256, before],
      ]);
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
  }
};

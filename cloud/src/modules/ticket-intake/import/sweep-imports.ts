import { type Database, withSystem } from '../../../db/index.js';
import { keepMs } from './import-deps.js';

/** Rows of imports that ended a week ago, and imports that were never begun, go; what became of an import stays. */
export const sweepImports = (
  database: Database,
  nowMs: number,
): Promise<{ readonly removed: number; readonly rows: number }> =>
  withSystem(database, async (tx) => {
    const before = new Date(nowMs - keepMs);
    const removed = await tx.$client.query(
      `DELETE FROM ticket_imports WHERE state IN ('checking', 'checked') AND at < $1`,
      [before],
    );
    const rows = await tx.$client.query(
      `DELETE FROM ticket_import_rows r USING ticket_imports i WHERE i.tenant_id = r.tenant_id AND i.id = r.import_id AND i.ended_at < $1`,
      [before],
    );
    return { removed: removed.rowCount ?? 0, rows: rows.rowCount ?? 0 };
  });

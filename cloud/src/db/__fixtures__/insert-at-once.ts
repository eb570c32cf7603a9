import type { Database } from '../index.js';

/** All of them begin before any can insert into the table: whoever only counts first has counted the same as the others. */
export const insertAtOnce = async <T>(
  { ownerPool }: Pick<Database, 'ownerPool'>,
  { table, asks }: { readonly table: string; readonly asks: readonly (() => Promise<T>)[] },
): Promise<T[]> => {
  const holder = await ownerPool.connect();
  try {
    await holder.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
    const asked = asks.map((ask) => ask());
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const untilMs = performance.now() + 60_000;
    while ((await ownerPool.query(waiting)).rowCount !== asks.length) {
      if (performance.now() > untilMs) throw new Error('not all of them came to wait');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await holder.query('COMMIT');
    return await Promise.all(asked);
  } finally {
    holder.release();
  }
};

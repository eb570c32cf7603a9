import type { ClientBase } from 'pg';

/** What is counted before and after a backup, and again in what was restored from it. */
export interface BookMarks {
  readonly lsn: string;
  readonly at: string;
  /** Numbers of the migrations applied. */
  readonly migrations: readonly number[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Tables small enough to be counted whole; readings are vouched for by the streams' cursors. */
const countedTables = [
  ...['tenants', 'regions', 'halls', 'users', 'roles', 'units', 'devices', 'profiles'],
  ...['audit_entries', 'commands', 'alarms', 'alarm_rules', 'streams'],
] as const;

const text = `SELECT
  (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END)::text AS lsn,
  (SELECT coalesce(json_agg(number ORDER BY number), '[]') FROM schema_migrations) AS migrations,
  (SELECT coalesce(max(seq), 0) FROM audit_entries)::float8 AS "auditSealedTo",
  (SELECT coalesce(sum(cursor), 0) FROM streams)::float8 AS "rowsCommitted",
  ${countedTables.map((table) => `(SELECT count(*) FROM ${table})::float8 AS "${table}"`).join(', ')}`;

/** One look at the books, at one moment. */
export const readMarks = async (client: ClientBase, now: Date): Promise<BookMarks> => {
  const { rows } = await client.query(text);
  const { lsn, migrations, ...counts } = rows[0] as { lsn: string; migrations: number[] } & Record<string, number>;
  return { lsn, at: now.toISOString(), migrations, counts };
};

export interface MarkFault {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * A backup shows the books at some moment while it was taken: each number lies between those before and after. `open`: the log
 * was replayed beyond, so nothing bounds it above.
 */
export const compareMarks = (of: {
  readonly before: BookMarks;
  readonly after: BookMarks;
  readonly found: BookMarks;
  readonly open?: boolean;
}): MarkFault[] => {
  const { before, after, found } = of;
  const faults: MarkFault[] = [];
  if (JSON.stringify(before.migrations) !== JSON.stringify(found.migrations)) {
    faults.push({ what: 'migrations', expected: before.migrations.join(','), found: found.migrations.join(',') });
  }
  for (const [name, low] of Object.entries(before.counts)) {
    const high = after.counts[name] ?? low;
    const [least, most] = [Math.min(low, high), Math.max(low, high)];
    const seen = found.counts[name];
    if (seen !== undefined && seen >= least && (of.open || seen <= most)) continue;
    faults.push({ what: name, expected: least === most ? `${least}` : `${least} to ${most}`, found: String(seen) });
  }
  return faults;
};

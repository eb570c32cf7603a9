import type Database from 'better-sqlite3';

type Json = Record<string, unknown>;

interface SnapshotTable {
  readonly name: string;
  /** Which rows, as SQL. */
  readonly where?: string;
  readonly orderBy: string;
  /** Columns that change all the time and mean nothing on other hardware. */
  readonly without?: readonly string[];
}

/** What makes a hall's unit the same unit on other hardware. A table that is to come along is added here. */
const tables: readonly SnapshotTable[] = [
  {
    name: 'device',
    orderBy: 'device_id',
    without: ['presence', 'presence_reason', 'presence_since', 'updated_at'],
  },
  { name: 'credential_rotation', orderBy: 'device_id' },
  { name: 'meta', where: "key IN ('join_policy')", orderBy: 'key' },
];

/** What A may have told of a device after its last snapshot: B goes on above it. */
const revisionLeap = 1_000;

/** Rows by table; a blob is `{"$base64": "…"}`. */
export const readTables = (db: Database.Database): Record<string, Json[]> =>
  Object.fromEntries(
    tables.map(({ name, where, orderBy, without = [] }) => {
      const columns = columnsOf(db, name).filter((column) => !without.includes(column));
      const sql = `SELECT ${columns.join(', ')} FROM ${name} ${where ? `WHERE ${where}` : ''} ORDER BY ${orderBy}`;
      return [name, (db.prepare(sql).all() as Json[]).map((row) => mapValues(row, toJson))];
    }),
  );

/** In the caller's transaction: these tables then hold what the snapshot holds. Columns and tables this version lacks are left out. */
export const writeTables = (db: Database.Database, snapshot: Record<string, Json[]>, now: number): void => {
  for (const { name, where } of tables) {
    const rows = snapshot[name];
    if (!rows) continue;
    const known = columnsOf(db, name);
    db.prepare(`DELETE FROM ${name} ${where ? `WHERE ${where}` : ''}`).run();
    for (const given of rows) {
      const row = { ...mapValues(given, fromJson), ...(name === 'device' ? freshDevice(given, now) : {}) };
      const columns = known.filter((column) => Object.hasOwn(row, column));
      const marks = columns.map(() => '?').join(', ');
      db.prepare(`INSERT OR REPLACE INTO ${name} (${columns.join(', ')}) VALUES (${marks})`).run(
        columns.map((column) => row[column]),
      );
    }
  }
};

/** Nobody has been heard on this hardware yet. */
const freshDevice = ({ revision }: Json, now: number): Json => ({
  revision: Number(revision) + revisionLeap,
  presence: 'offline',
  presence_reason: 'agent_started',
  presence_since: now,
  updated_at: now,
});

const columnsOf = (db: Database.Database, table: string): string[] =>
  (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);

const toJson = (value: unknown): unknown => (Buffer.isBuffer(value) ? { $base64: value.toString('base64') } : value);

const fromJson = (value: unknown): unknown => {
  const text = (value as { $base64?: unknown } | null)?.$base64;
  return typeof text === 'string' ? Buffer.from(text, 'base64') : value;
};

const mapValues = (row: Json, map: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, map(value)]));

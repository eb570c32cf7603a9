import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import t from 'tap';
import { startTestDatabase } from './testing.js';

/** Tests run from the source and compiled. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const modulesFolder = fileURLToPath(new URL('../modules/', import.meta.url));

const drizzleTables = async (): Promise<PgTable[]> => {
  const tables: PgTable[] = [];
  for (const module of readdirSync(modulesFolder)) {
    const path = `${modulesFolder}${module}/tables.${extension}`;
    if (!existsSync(path)) continue;
    const exports = (await import(path)) as Record<string, unknown>;
    tables.push(...Object.values(exports).filter((value): value is PgTable => is(value, PgTable)));
  }
  return tables;
};

/** Both sides spelled as PostgreSQL's format_type does. */
const normalise = (type: string): string =>
  type
    .replace(/^timestamp(\s*\((\d)\))? with time zone$/, (_, __, precision) =>
      precision ? `timestamptz(${precision})` : 'timestamptz',
    )
    .replace(/^timestamp \((\d)\) with time zone$/, 'timestamptz($1)')
    .replace(/^serial$/, 'integer')
    .replace(/^bigserial$/, 'bigint');

t.test("every module's drizzle tables are what the migrations made", async (t) => {
  const database = await startTestDatabase(t);
  const { rows } = await database.ownerPool.query<{ table: string; column: string; type: string; required: boolean }>(
    `SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`,
  );
  const real = new Map<string, Map<string, { type: string; required: boolean }>>();
  for (const { table, column, type, required } of rows) {
    const columns = real.get(table) ?? new Map();
    real.set(table, columns.set(column, { type: normalise(type), required }));
  }
  const tables = await drizzleTables();
  // Read and written by plain SQL alone: the migration runner's own, the HTTP layer's, the backups', and what comes in files.
  const plainSql = ['schema_migrations', 'http_idempotency', 'backups', 'backup_logs', 'evidence', 'bundles'];
  const seen = new Set<string>(plainSql);
  for (const table of tables) {
    const { name, columns } = getTableConfig(table);
    seen.add(name);
    const mirrored = Object.fromEntries(
      columns.map((column) => [column.name, { type: normalise(column.getSQLType()), required: column.notNull }]).sort(),
    );
    t.same(mirrored, Object.fromEntries([...(real.get(name) ?? new Map())].sort()), name);
  }
  t.same(
    [...real.keys()].filter((name) => !seen.has(name)),
    [],
    'no table without a mirror',
  );
});

t.test('the application role reaches no table without row-level security, and cannot change the schema', async (t) => {
  const database = await startTestDatabase(t);
  const { rows } = await database.ownerPool.query(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND has_schema_privilege('hallhub_app', n.oid, 'USAGE')
       AND (has_table_privilege('hallhub_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege('hallhub_app', c.oid, 'SELECT'))
       AND NOT c.relrowsecurity`,
  );
  t.same(rows, []);
  const policies = await database.ownerPool.query(
    `SELECT c.relname AS table FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relrowsecurity
       AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) < 2`,
  );
  t.same(policies.rows, [], 'a tenant and a system policy on each');
  for (const sql of [
    'CREATE TABLE mine (x int)',
    'ALTER TABLE telemetry_points DISABLE ROW LEVEL SECURITY',
    'SET ROLE hallhub_owner',
  ]) {
    await t.rejects(database.appPool.query(sql), /permission denied|must be owner/, sql);
  }
});

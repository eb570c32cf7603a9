import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Migration, migrate, readMigrations } from './migrate.js';
import { makeTestFolder, silentLogger, startTestDatabase } from './testing.js';

const logger = silentLogger;

const migration = (number: number, sql: string, name = `${number}_x.sql`): Migration => ({
  number,
  name,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
});

t.test('the shipped migrations are in order and applied once', async (t) => {
  const database = await startTestDatabase(t);
  t.same(await migrate(database, { logger }), []);
  const { rows } = await database.ownerPool.query('SELECT name FROM schema_migrations ORDER BY number');
  t.same(
    rows.map((row) => row.name),
    readMigrations().map((shipped) => shipped.name),
  );
});

t.test('new ones are applied, also below the newest; processes wait for one another', async (t) => {
  const database = await startTestDatabase(t);
  const shipped = readMigrations();
  const late = migration(9001, 'CREATE TABLE late (x int)');
  t.same(await migrate(database, { logger, migrations: [...shipped, late] }), [late.name]);
  const earlier = migration(9000, 'CREATE TABLE earlier (x int)');
  const all = [...shipped, earlier, late];
  const results = await Promise.all([1, 2, 3].map(() => migrate(database, { logger, migrations: all })));
  t.same(results.flat(), [earlier.name], 'exactly one process applied it');
});

t.test('a changed file and a newer database are refused', async (t) => {
  const database = await startTestDatabase(t);
  const shipped = readMigrations();
  const edited = [...shipped.slice(0, -1), migration(shipped.at(-1)?.number ?? 0, 'SELECT 1')];
  await t.rejects(migrate(database, { logger, migrations: edited }), {
    code: 'store_corrupt',
    message: /was changed after/,
  });
  await t.rejects(migrate(database, { logger, migrations: shipped.slice(0, -1) }), {
    code: 'store_corrupt',
    message: /does not know/,
    hint: /newer HallHub/,
  });
});

t.test('a failing migration leaves nothing behind and names itself', async (t) => {
  const database = await startTestDatabase(t);
  const broken = migration(9000, 'CREATE TABLE half (x int); SELECT no_such_function()', '9000_broken.sql');
  await t.rejects(
    migrate(database, { logger, migrations: [...readMigrations(), broken] }),
    /9000_broken\.sql failed.*no_such_function/,
  );
  t.equal((await database.ownerPool.query("SELECT to_regclass('half') AS half")).rows[0].half, null);
  t.same(await migrate(database, { logger }), []);
});

t.test('file names and numbers are checked', async (t) => {
  const folder = join(makeTestFolder(), 'migrations');
  t.teardown(() => rmSync(folder, { recursive: true }));
  mkdirSync(folder);
  writeFileSync(join(folder, '0002_b.sql'), 'SELECT 2\r\n');
  writeFileSync(join(folder, '0001_a.sql'), 'SELECT 1');
  const read = readMigrations(folder);
  t.same(
    read.map(({ number, name, sql }) => [number, name, sql]),
    [
      [1, '0001_a.sql', 'SELECT 1'],
      [2, '0002_b.sql', 'SELECT 2\n'],
    ],
    'line ends do not change a checksum',
  );
  writeFileSync(join(folder, '0002_c.sql'), '');
  t.throws(() => readMigrations(folder), /two migration files/);
  rmSync(join(folder, '0002_c.sql'));
  writeFileSync(join(folder, '3_c.sql'), '');
  t.throws(() => readMigrations(folder), /NNNN_name/);
});

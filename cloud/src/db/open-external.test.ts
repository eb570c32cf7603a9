import pg from 'pg';
import t from 'tap';
import { adminRole, EmbeddedServer } from './embedded/index.js';
import { newFolder } from './embedded/open-in-test.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';
import { addTenant, type HasTeardown, silentLogger } from './testing.js';
import { withSystem, withTenant } from './transactions.js';

t.setTimeout(300_000);

const logger = silentLogger;

/** A server that stands for "your own": only its URL is known to what is tested. */
const someServer = async (t: HasTeardown) => {
  const server = await EmbeddedServer.open({ dataDir: newFolder(t), logger, durable: false });
  t.teardown(() => server.close());
  const admin = async (sql: string): Promise<void> => {
    const client = new pg.Client({
      host: server.socketDir,
      user: adminRole,
      password: server.secret.adminPassword,
      database: 'postgres',
    });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const url = (database: string, user = 'hall', password = 'p%40ss') =>
    `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(server.socketDir)}`;
  return { admin, url };
};

t.test('your own server: roles are made, migrations run, tenants are kept apart', async (t) => {
  const { admin, url } = await someServer(t);
  await admin("CREATE ROLE hall LOGIN CREATEROLE PASSWORD 'p@ss'");
  await admin("CREATE DATABASE hall OWNER hall TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'");
  const open = () => openDatabase({ dataDir: '/nonexistent', databaseUrl: url('hall'), logger });
  const database = await open();
  t.teardown(() => database.close());
  t.match(database.connection, { kind: 'external', database: 'hall', serverVersion: /^15/ });
  await migrate(database, { logger });
  const tenants = [await addTenant(database), await addTenant(database)];
  for (const scope of tenants) {
    const seen = await withTenant(
      database,
      scope,
      async (tx) => (await tx.$client.query('SELECT id FROM tenants')).rows,
    );
    t.same(seen, [{ id: scope.tenantId }]);
  }
  t.equal((await database.appPool.query('SELECT * FROM tenants')).rowCount, 0, 'outside of a tenant nothing is seen');
  t.equal(await withSystem(database, async (tx) => (await tx.$client.query('SELECT * FROM tenants')).rowCount), 2);
  const again = await open();
  await again.close();
});

t.test(
  'roles an administrator made are enough without CREATEROLE; without either the statement to run is named',
  async (t) => {
    const { admin, url } = await someServer(t);
    await admin("CREATE ROLE hall LOGIN PASSWORD 'p@ss'");
    await admin("CREATE DATABASE hall OWNER hall TEMPLATE template0 ENCODING 'UTF8'");
    const open = () => openDatabase({ dataDir: '/nonexistent', databaseUrl: url('hall'), logger });
    await t.rejects(open(), { code: 'configuration', hint: /CREATE ROLE hallhub_app NOLOGIN/ });
    await admin(
      'CREATE ROLE hallhub_app NOLOGIN; CREATE ROLE hallhub_system NOLOGIN; GRANT hallhub_app, hallhub_system TO hall',
    );
    const database = await open();
    await migrate(database, { logger });
    await database.close();
  },
);

t.test('what is wrong with a URL is said', async (t) => {
  const { admin, url } = await someServer(t);
  await admin("CREATE ROLE hall LOGIN CREATEROLE PASSWORD 'p@ss'");
  await admin("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_CTYPE 'C'");
  await admin('CREATE DATABASE foreign_owner');
  const opening = (databaseUrl: string) => openDatabase({ dataDir: '/nonexistent', databaseUrl, logger });
  await t.rejects(opening(url('hall')), { code: 'unavailable', message: /does not exist/ });
  await t.rejects(opening(url('latin')), { code: 'configuration', message: /LATIN1/ });
  await t.rejects(opening(url('foreign_owner')), { code: 'configuration', message: /may not create tables/ });
  await t.rejects(opening(url('hall', 'hall', 'wrong')), { code: 'unavailable', message: /password/ });
  for (const text of ['hall', 'mysql://hall@127.0.0.1/hall'])
    await t.rejects(opening(text), { code: 'configuration', hint: /postgres:/ });
  await t.rejects(opening('postgres://hall@127.0.0.1:1/hall'), { code: 'unavailable', hint: /DATABASE_URL/ });
});

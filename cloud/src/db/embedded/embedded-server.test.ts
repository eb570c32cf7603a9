import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { loader, programOf } from '../../__fixtures__/program.js';
import { type Database, openDatabase } from '../open-database.js';
import { type HasTeardown, silentLogger } from '../testing.js';
import { withTenant } from '../transactions.js';
import { ask, newFolder, open } from './open-in-test.js';
import { findRunningServer } from './running-server.js';

t.setTimeout(300_000);

const logger = silentLogger;

const until = async (condition: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> => {
  const endMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const serverPid = (database: Database): number => findRunningServer(database.connection.dataFolder ?? '')?.pid ?? 0;

const holdOpen = async (
  t: HasTeardown,
  dataDir: string,
): Promise<{ child: ChildProcess; said: Record<string, unknown> }> => {
  const child = spawn(process.execPath, [...loader, programOf('db/embedded/hold-open.fixture'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, said: JSON.parse(line) };
};

t.test('stops without a word about the connections that it ends itself', async (t) => {
  const said: unknown[] = [];
  const warn = (...words: unknown[]) => void said.push(words);
  const database = await open(t, newFolder(t), { logger: { ...silentLogger, warn, error: warn } });
  const sleeps = (pool: Database['appPool']) => Array.from({ length: 6 }, () => pool.query('SELECT pg_sleep(0.05)'));
  await Promise.all([...sleeps(database.appPool), ...sleeps(database.ownerPool)]);
  t.ok(database.appPool.totalCount > 1);
  t.equal((await database.appPool.query('SHOW lock_timeout')).rows[0].lock_timeout, '20s', 'nothing waits for ever');
  await database.close();
  t.same(said, []);
});

t.test('starts, keeps its data, and stops, in a long path with spaces and Chinese', async (t) => {
  const dataDir = join(newFolder(t), '数据 文件夹 的 很长 的 名字 '.repeat(3).trim(), '营业厅 HallHub');
  const first = await open(t, dataDir, { durable: true });
  t.equal(await ask(first, 'SHOW server_encoding'), 'UTF8');
  t.equal(await ask(first, 'SELECT datcollate FROM pg_database WHERE datname = current_database()'), 'C');
  t.match(await ask(first, 'SELECT datctype FROM pg_database WHERE datname = current_database()'), /utf-?8/i);
  t.equal(await ask(first, 'SHOW listen_addresses'), '', 'no TCP port');
  t.equal(await ask(first, 'SHOW fsync'), 'on');
  t.equal(await ask(first, 'SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user'), 'false');
  t.ok(Buffer.byteLength(join(first.connection.host, '.s.PGSQL.5432')) <= 107);
  t.equal(lstatSync(first.connection.host).mode & 0o777, 0o700);
  t.equal(statSync(join(dataDir, 'postgres-secret.json')).mode & 0o777, 0o600);
  t.notMatch(
    readFileSync(join(first.connection.dataFolder ?? '', 'pg_hba.conf'), 'utf8').replace(/^#.*$/gm, ''),
    /trust|peer|md5/,
  );
  await first.ownerPool.query('CREATE TABLE kept AS SELECT 42 AS x');
  const pid = serverPid(first);
  await first.close();
  await first.close();
  t.notOk(existsSync(`/proc/${pid}`), 'the server is gone');
  t.notOk(existsSync(first.connection.host), 'so is the folder of its socket');

  const second = await open(t, dataDir);
  t.equal(await ask(second, 'SELECT x FROM kept'), 42);
  t.match(second.health(), { state: 'up', restarts: 0 });
});

t.test('after kill -9 of its HallHub the orphaned server is taken over, nothing committed is lost', async (t) => {
  const dataDir = newFolder(t);
  const { child, said } = await holdOpen(t, dataDir);
  t.same(said, { open: true });
  const orphan = findRunningServer(join(dataDir, 'postgres'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.ok(orphan && existsSync(`/proc/${orphan.pid}`), 'it lives on without its owner');
  const database = await open(t, dataDir);
  t.not(serverPid(database), orphan?.pid);
  t.equal(await ask(database, 'SELECT count(*)::int FROM kept'), 1);
});

t.test('a second HallHub on the same folder is refused, and the first does not notice', async (t) => {
  const dataDir = newFolder(t);
  const database = await open(t, dataDir);
  await t.rejects(openDatabase({ dataDir, logger }), {
    code: 'store_busy',
    message: `pid ${process.pid}`,
    hint: /--data/,
  });
  const { said } = await holdOpen(t, dataDir);
  t.match(said, { open: false, code: 'store_busy', message: /in use by another HallHub process/ });
  t.equal(await ask(database, 'SELECT 1'), 1);
});

t.test('two first starts at once: one opens, the other is told why not', async (t) => {
  const dataDir = newFolder(t);
  const all = await Promise.all([holdOpen(t, dataDir), holdOpen(t, dataDir)]);
  t.same(all.map(({ said }) => said.open).sort(), [false, true]);
  t.match(all.find(({ said }) => !said.open)?.said, { code: 'store_busy' });
  for (const { child } of all) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const database = await open(t, dataDir);
  t.equal(await ask(database, 'SELECT count(*)::int FROM kept'), 1);
});

t.test('a killed server comes back by itself with what was committed', async (t) => {
  const database = await open(t, newFolder(t), { durable: true });
  await database.ownerPool.query('CREATE TABLE kept (x int)');
  const before = serverPid(database);
  for (let i = 1; i <= 2; i++) {
    await database.ownerPool.query('INSERT INTO kept VALUES ($1)', [i]);
    const pid = serverPid(database);
    const inFlight = withTenant(database, { tenantId: '00000000-0000-7000-8000-000000000000' }, (tx) =>
      tx.$client.query('SELECT pg_sleep(60)'),
    );
    inFlight.catch(() => undefined);
    await until(
      async () =>
        Number(await ask(database, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)'")) === 1,
    );
    process.kill(pid, 'SIGKILL');
    await t.rejects(inFlight, 'a query under way fails, and the process goes on');
    await until(() => database.health().state === 'up' && database.health().restarts >= i);
    t.equal(await ask(database, 'SELECT count(*)::int FROM kept'), i);
  }
  t.not(serverPid(database), before);
  t.equal(await database.appPool.query('SELECT 1').then((result) => result.rowCount), 1);
});

t.test('close during a restart does not hang', async (t) => {
  const database = await open(t, newFolder(t));
  const pid = serverPid(database);
  process.kill(pid, 'SIGKILL');
  await until(() => database.health().state === 'restarting');
  await database.close();
  t.equal(findRunningServer(database.connection.dataFolder ?? ''), undefined);
});

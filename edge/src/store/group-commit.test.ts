import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isHubError, ManualClock } from '@hallhub/shared';
import Database from 'better-sqlite3';
import { getTableConfig } from 'drizzle-orm/sqlite-core';
import t, { type Test } from 'tap';
import { silentLogger } from '../ports/index.js';
import { GroupCommit } from './group-commit.js';
import { hubMigrations, telemetryMigrations } from './migrations.js';
import { markSuspect, openDatabase } from './open-database.js';
import * as schema from './schema.js';
import { Store } from './store.js';

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-store-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

const memory = (test: Test) => {
  const clock = new ManualClock();
  const db = new Database(':memory:');
  db.exec('CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  const commit = new GroupCommit(db, { file: 'test.db', clock, maxDelayMs: 10 });
  test.teardown(() => commit.close());
  const add = (id: number, text: string | null = 'x') =>
    commit.write((tx) => void tx.db.prepare('INSERT INTO item VALUES (?, ?)').run(id, text));
  const count = () => db.prepare('SELECT count(*) FROM item').pluck().get() as number;
  return { clock, db, commit, add, count };
};

t.test('units wait for one another and resolve after the commit', async (t) => {
  const { clock, commit, add, count } = memory(t);
  const done: number[] = [];
  void add(1).then(() => done.push(1));
  void add(2).then(() => done.push(2));
  t.equal(commit.pending, 2);
  await clock.advance(9);
  t.same([count(), done], [0, []]);
  await clock.advance(1);
  t.same([count(), done], [2, [1, 2]]);
});

t.test('a patient unit goes with the next group, and does not wait for ever', async (t) => {
  const { clock, commit, add, count } = memory(t);
  const patient = (id: number) =>
    commit.write((tx) => void tx.db.prepare('INSERT INTO item VALUES (?, ?)').run(id, 'x'), { patienceMs: 150 });
  void patient(1);
  await clock.advance(20);
  t.equal(count(), 0);
  void add(2);
  await clock.advance(10);
  t.equal(count(), 2);
  void patient(3);
  await clock.advance(149);
  t.equal(count(), 2);
  void patient(4);
  await clock.advance(1);
  t.equal(count(), 4, 'the first one says when');
});

t.test('a unit that throws is undone alone', async (t) => {
  const { commit, add, count } = memory(t);
  let memoryState = 0;
  const tally = (by: number) =>
    commit.write((tx) => {
      memoryState += by;
      tx.onRollback(() => {
        memoryState -= by;
      });
      if (by === 5) throw new Error('my own fault');
    });
  const results = Promise.allSettled([add(1), tally(1), add(1), tally(5), add(2), tally(2)]);
  commit.flush();
  t.same(
    (await results).map((r) => r.status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled'],
  );
  t.equal(count(), 2);
  t.equal(memoryState, 3);
});

t.test('beforeCommit runs once a group, in its transaction', async (t) => {
  const { commit, count } = memory(t);
  const key = {};
  const unit = () =>
    commit.write((tx) => tx.beforeCommit(key, ({ db }) => db.exec("INSERT INTO item VALUES (9, 'once')")));
  const both = Promise.all([unit(), unit()]);
  commit.flush();
  await both;
  t.equal(count(), 1);
});

t.test('a full disk rejects everybody, puts memory back and is told; later writes work', async (t) => {
  const outcomes: (string | undefined)[] = [];
  const db = new Database(':memory:');
  db.exec('CREATE TABLE item (body BLOB NOT NULL) STRICT');
  db.pragma(`max_page_count = ${(db.pragma('page_count', { simple: true }) as number) + 4}`);
  const commit = new GroupCommit(db, {
    file: 'full.db',
    clock: new ManualClock(),
    onOutcome: (e) => outcomes.push(e?.code),
  });
  t.teardown(() => commit.close());
  let undone = 0;
  const put = (bytes: number) =>
    commit.write((tx) => {
      tx.onRollback(() => {
        undone++;
      });
      tx.db.prepare('INSERT INTO item VALUES (?)').run(Buffer.alloc(bytes));
    });
  const results = Promise.allSettled([put(10), put(1_000_000)]);
  commit.flush();
  for (const result of await results) t.ok(result.status === 'rejected' && isHubError(result.reason, 'store_full'));
  t.equal(undone, 2);
  const again = put(10);
  commit.flush();
  await again;
  t.same(outcomes, ['store_full', undefined]);
});

t.test('the drizzle schema is the structure that the migrations make', async (t) => {
  const db = new Database(':memory:');
  t.teardown(() => db.close());
  for (const { sql } of hubMigrations) db.exec(sql);
  const telemetry = new Database(':memory:');
  t.teardown(() => telemetry.close());
  for (const { sql } of telemetryMigrations) telemetry.exec(sql);
  for (const table of Object.values(schema)) {
    const config = getTableConfig(table);
    const columns = (from: Database.Database) =>
      (from.pragma(`table_info(${config.name})`) as { name: string; type: string; notnull: number; pk: number }[])
        .map(({ name, type, notnull, pk }) => ({ name, type, required: notnull === 1 || pk > 0 }))
        .sort((a, b) => a.name.localeCompare(b.name));
    const actual = columns(db).length > 0 ? columns(db) : columns(telemetry);
    const said = config.columns
      .map((c) => ({ name: c.name, type: c.getSQLType().toUpperCase(), required: c.notNull || c.primary }))
      .sort((a, b) => a.name.localeCompare(b.name));
    t.same(actual, said, config.name);
  }
});

t.test('a damaged file is moved aside and a new one begun', async (t) => {
  const dir = folder(t);
  const file = path.join(dir, 'hub.db');
  writeFileSync(file, Buffer.alloc(8192, 0x41));
  const { db, damage } = openDatabase(file, hubMigrations);
  t.match(damage?.movedTo, /hub\.db\.damaged-/);
  t.equal(db.prepare('SELECT count(*) FROM device').pluck().get(), 0);
  t.equal(db.pragma('auto_vacuum', { simple: true }), 2);
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal');
  db.close();
});

t.test('a page overwritten in the middle is noticed at the next start', async (t) => {
  const dir = folder(t);
  const file = path.join(dir, 'hub.db');
  const first = openDatabase(file, hubMigrations).db;
  first.close();
  const { openSync, writeSync, closeSync } = await import('node:fs');
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(4096, 0x42), 0, 4096, 4096);
  closeSync(fd);
  markSuspect(file);
  const again = openDatabase(file, hubMigrations);
  t.ok(again.damage);
  again.db.close();
});

t.test('a newer file, a second agent and an unwritable folder are named', async (t) => {
  const dir = folder(t);
  const file = path.join(dir, 'hub.db');
  const { db } = openDatabase(file, hubMigrations);
  db.prepare('SELECT count(*) FROM device').get();
  t.throws(() => openDatabase(file, hubMigrations), { code: 'store_busy' });
  db.pragma('user_version = 99');
  db.close();
  t.throws(() => openDatabase(file, hubMigrations), { code: 'unsupported', hint: /version/ });
  writeFileSync(path.join(dir, 'plain'), '');
  t.throws(() => openDatabase(path.join(dir, 'plain', 'hub.db'), hubMigrations), /plain/);
});

t.test('a store opens twice in a row and keeps what was written', async (t) => {
  const dir = path.join(folder(t), '数据 folder');
  const clock = new ManualClock();
  const open = () => new Store({ dataDir: dir, clock, logger: silentLogger });
  const first = open();
  const written = first.hub.commit.write((tx) => void tx.db.prepare("INSERT INTO meta VALUES ('a', 'b')").run());
  first.close();
  await written;
  const second = open();
  t.same(second.hub.orm.select().from(schema.meta).all(), [{ key: 'a', value: 'b' }]);
  t.same(second.status, { state: 'ok' });
  second.close();
});

t.test(
  'a listener that throws after the commit is a bug of its own, not a failed write of its neighbours',
  async (t) => {
    const { clock, commit, add, count } = memory(t);
    const thrown: (() => void)[] = [];
    t.intercept(globalThis, 'queueMicrotask', { value: (action: () => void) => void thrown.push(action) });
    const written = [
      commit.write((tx) =>
        tx.onCommit(() => {
          throw new Error('listener');
        }),
      ),
      add(1),
    ];
    await clock.advance(10);
    await Promise.all(written);
    t.equal(count(), 1);
    t.throws(() => thrown[0]?.(), { message: 'listener' });
  },
);

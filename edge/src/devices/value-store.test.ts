import { ManualClock } from '@hallhub/shared';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import t, { type Test } from 'tap';
import { GroupCommit } from '../store/group-commit.js';
import { telemetryMigrations } from '../store/migrations.js';
import { ValueStore } from './value-store.js';

const rig = (test: Test) => {
  const clock = new ManualClock();
  const db = new Database(':memory:');
  for (const { sql } of telemetryMigrations) db.exec(sql);
  const file = { commit: new GroupCommit(db, { file: 'telemetry.db', clock }), orm: drizzle(db) };
  test.teardown(() => file.commit.close());
  const values = new ValueStore(file);
  const put = (value: number, at: number, now = at) => values.put('d', 'power', { value, at, quality: 'good' }, now);
  const save = async () => {
    const saved = values.save();
    await clock.advance(50);
    await saved;
  };
  return {
    db,
    values,
    put,
    save,
    reopened: () => new ValueStore(file),
    last: () => values.of('d').get('power')?.value,
  };
};

t.test('the device’s order counts, until the unit’s clock goes back', async (t) => {
  const { put, last } = rig(t);
  put(1, 10_000_000);
  put(2, 9_000_000, 10_000_000);
  t.equal(last(), 1, 'an older one comes late');
  put(3, 6_400_000);
  t.equal(last(), 3, 'the clock was an hour ahead: what was told then does not stand for an hour');
});

t.test('what could not be written is written the next time', async (t) => {
  const { db, put, save, reopened } = rig(t);
  db.exec('ALTER TABLE last_value RENAME TO away');
  put(1, 1_000);
  await t.rejects(save());
  db.exec('ALTER TABLE away RENAME TO last_value');
  await save();
  t.match(reopened().of('d').get('power'), { value: 1, at: 1_000 });
});

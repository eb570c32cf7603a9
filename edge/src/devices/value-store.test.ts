import { ManualClock } from '@hallhub/shared';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { GroupCommit } from '../store/group-commit.js';
import { telemetryMigrations } from '../store/migrations.js';
import { decodePicture, encodePicture } from './device-picture.js';
import { ValueStore } from './value-store.js';

const rig = (test: Test) => {
  const clock = new ManualClock();
  const db = new Database(':memory:');
  for (const { sql } of telemetryMigrations) db.exec(sql);
  const rows = () => db.prepare('SELECT total_changes() AS n').get() as { n: number };
  const file = { commit: new GroupCommit(db, { file: 'telemetry.db', clock }), orm: drizzle(db) };
  test.teardown(() => file.commit.close());
  const values = new ValueStore(file, clock);
  const put = (value: number, at: number, now = at) => {
    const device = values.device('d');
    const changed = device.put('power', value, 'good', { at, now });
    device.mark(changed ? 'soon' : 'later');
    return changed;
  };
  const save = async (which: 'all' | 'due' = 'all') => {
    const before = rows().n;
    const saved = values.save(which);
    await clock.advance(50);
    await saved;
    return rows().n - before;
  };
  return {
    clock,
    db,
    values,
    put,
    save,
    reopened: () => new ValueStore(file, clock),
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
  db.exec('ALTER TABLE device_values RENAME TO away');
  put(1, 1_000);
  await t.rejects(save());
  db.exec('ALTER TABLE away RENAME TO device_values');
  await save();
  t.match(reopened().of('d').get('power'), { value: 1, at: 1_000 });
});

t.test('a value that changed is written within seconds, a time alone within a minute', async (t) => {
  const { clock, put, save, reopened } = rig(t);
  t.equal(put(1, 1_000), true);
  t.equal(await save('due'), 1);
  t.equal(put(1, 2_000), false);
  t.equal(await save('due'), 0, 'nothing but its time changed');
  await clock.advance(60_000);
  t.equal(await save('due'), 1);
  t.match(reopened().of('d').get('power'), { value: 1, at: 2_000 });
  t.equal(await save(), 0, 'it is all there');
  put(1, 3_000);
  t.equal(await save(), 1, 'a stop writes all');
});

t.test('devices that came together are not all written together', async (t) => {
  const { clock, values, save } = rig(t);
  for (let i = 0; i < 24; i++) values.device(`d${i}`).put('p', i, 'good', { at: 1, now: 1 });
  let most = 0;
  let written = 0;
  for (let tick = 0; tick < 12; tick++) {
    for (let i = 0; i < 24; i++) values.device(`d${i}`).mark('later');
    const rows = await save('due');
    most = Math.max(most, rows);
    written += rows;
    await clock.advance(5_000 - 50);
  }
  t.ok(most <= 6, `${most} at once`);
  t.ok(written >= 20 && written <= 28, `${written} in a minute`);
});

t.test('what a file held before is still there', async (t) => {
  const clock = new ManualClock();
  const db = new Database(':memory:');
  const [first, ...later] = telemetryMigrations;
  db.exec(first?.sql ?? '');
  const put = db.prepare('INSERT INTO last_value VALUES (?, ?, ?, ?, ?)');
  put.run('a', 'power', '1.5', 1_000, 'good');
  put.run('a', 'state', '"on"', 2_000, 'uncertain');
  put.run('a', 'gone', 'null', 2_000, 'bad');
  put.run('b', 'open', 'true', 3_000, 'good');
  put.run('b', 'torn', '{', 3_000, 'good');
  for (const { sql } of later) db.exec(sql);
  const file = { commit: new GroupCommit(db, { file: 'telemetry.db', clock }), orm: drizzle(db) };
  t.teardown(() => file.commit.close());
  const values = new ValueStore(file, clock);
  t.same(Object.fromEntries(values.of('a')), {
    power: { value: 1.5, at: 1_000, quality: 'good' },
    state: { value: 'on', at: 2_000, quality: 'uncertain' },
    gone: { value: null, at: 2_000, quality: 'bad' },
  });
  t.same([...values.of('b').keys()], ['open']);
});

t.test('a picture comes back as it was, whatever it holds', async (t) => {
  const last = fc.record({
    value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.boolean(), fc.constant(null)),
    at: fc.integer({ min: 0, max: 2 }),
    quality: fc.constantFrom('good' as const, 'uncertain' as const, 'bad' as const),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), last)), (entries) => {
      const values = new Map(entries.filter(([id]) => id !== '__proto__'));
      const back = new Map(decodePicture(encodePicture(values)));
      t.same(Object.fromEntries(back), JSON.parse(JSON.stringify(Object.fromEntries(values))));
    }),
    { numRuns: 50 },
  );
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => Array.isArray(decodePicture(text))));
});

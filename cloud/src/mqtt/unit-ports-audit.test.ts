import { ManualClock, uuidv7 } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import { startTestDatabase } from '../db/testing.js';
import { type Refusal, RefusalJournal } from '../listeners/index.js';
import { addTestHall } from '../modules/streams/testing.js';
import { FloodAlarm } from './flood-alarm.js';

const log = pino({ level: process.env.LOG ?? 'silent' });

t.test('refused units are audited: the first at once, the rest as a count, and never more than a bound', async (t) => {
  const database = await startTestDatabase(t);
  const hall = await addTestHall(database);
  const clock = new ManualClock(Date.now());
  const journal = new RefusalJournal({ database, tenantId: hall.tenantId, clock, log });
  const rows = async () => {
    const found = await database.ownerPool.query(
      `SELECT target_id, target_name, hall_id, ip, after FROM audit_entries WHERE action = 'unit.refused' ORDER BY id`,
    );
    return found.rows as { target_id: string; target_name: string; hall_id: string; ip: string; after: object }[];
  };
  const settled = async (count: number) => {
    for (const endMs = performance.now() + 60_000; (await rows()).length < count; ) {
      if (performance.now() > endMs) throw new Error('the row did not come');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const revoked: Refusal = {
    ...{ listener: 'mqtts', reason: 'certificate_revoked', address: '192.0.2.7', unitId: hall.unitId },
    certificate: { sha256: 'ab'.repeat(32), serial: '01', commonName: hall.unitId },
  };
  for (let i = 0; i < 50; i++) journal.note(revoked);
  await settled(1);
  t.match(await rows(), [
    {
      ...{ target_id: hall.unitId, target_name: '一号单元', hall_id: hall.hallId, ip: '192.0.2.7' },
      after: { reason: 'certificate_revoked', listener: 'mqtts', count: 1, certificate: { serial: '01' } },
    },
  ]);
  await clock.advance(700_000);
  await settled(2);
  t.match((await rows())[1], { after: { count: 49 } });
  for (const reason of ['too_many', 'tls', 'no_certificate', 'not_proved'] as const)
    journal.note({ listener: 'mqtts', reason, address: '192.0.2.8' });
  for (let i = 0; i < 500; i++)
    journal.note({ listener: 'mqtt', reason: 'wrong_secret', address: `198.51.100.${i % 250}`, unitId: uuidv7() });
  await journal.close();
  const all = await rows();
  t.ok(all.length > 20 && all.length < 2 + 30 * 2 + 1, `${all.length} rows for 500 attempts of 250 addresses`);
  t.equal(all.filter(({ ip }) => ip === '192.0.2.8').length, 0, 'what every scanner causes is in the metrics alone');
});

t.test('a flooding unit is one alarm, ended when it is calm, and by the next start', async (t) => {
  const database = await startTestDatabase(t);
  const hall = await addTestHall(database);
  const published: string[] = [];
  const options = {
    ...{ database, clock: new ManualClock(Date.now()), log },
    live: { publish: ({ type }: { type: string }) => void published.push(type) },
  };
  const alarm = new FloodAlarm(options);
  alarm.note(hall.unitId, 'began');
  alarm.note(uuidv7(), 'began');
  alarm.note(hall.unitId, 'ended');
  alarm.note(hall.unitId, 'began');
  await alarm.close();
  t.same(published, ['alarm.raised', 'alarm.cleared', 'alarm.raised']);
  await new FloodAlarm(options).close();
  t.same(published.slice(3), ['alarm.cleared']);
  const { rows } = await database.ownerPool.query('SELECT severity, cleared_at, device_id FROM alarms');
  t.match(rows, [{ severity: 'warning', device_id: null, cleared_at: Date }, { cleared_at: Date }]);
});

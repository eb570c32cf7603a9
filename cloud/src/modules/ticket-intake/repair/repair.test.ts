import { uuidv7 } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import { createSealing } from '../../pki/sealing.js';
import { bringUpTickets, shippedKind } from '../../tickets/testing.js';
import { writeRepairRules } from '../verbs/repair-rules.js';
import { RepairDesk } from './repair-desk.js';

t.setTimeout(60_000);

t.test('an alarm opens one repair, comes again into it, and its end is told', async (t) => {
  const tickets = await bringUpTickets(t, { kinds: [shippedKind('repair')] });
  const { db, clock, bus, tenantId, hallId } = tickets;
  await writeRepairRules(tickets.systemContext(), {
    items: [{ hallId: null, fromSeverity: 'warning', kind: 'repair', levels: { critical: 'major' }, enabled: true }],
  });
  const unitId = uuidv7();
  await db.ownerPool.query(
    `INSERT INTO units (id, tenant_id, hall_id, name, secret_hash) VALUES ($1, $2, $3, '单元', decode(repeat('00', 32), 'hex'))`,
    [unitId, tenantId, hallId],
  );
  const raise = async (severity: string, key: string, where = hallId): Promise<string> => {
    const id = uuidv7();
    await db.ownerPool.query(
      `INSERT INTO alarms (id, tenant_id, hall_id, unit_id, rule_key, rule, severity, message, raised_at, last_at)
       VALUES ($1, $2, $3, $4, $5, '{}', $6, '{"zh":"叫号机离线"}', $7, $7)`,
      [id, tenantId, where, unitId, key, severity, new Date(clock.now() + 1)],
    );
    return id;
  };
  const desk = new RepairDesk({
    database: db,
    clock,
    live: bus,
    log: pino({ level: 'silent' }),
    sealing: createSealing('x'.repeat(32)),
  });
  await raise('notice', 'k0');
  const first = await raise('critical', 'k1');
  t.equal(await desk.look(), 1);
  t.equal(await desk.look(), 0, 'told once');
  const [made] = await tickets.rows<{ id: string }>('SELECT * FROM tickets');
  t.match(made, { source: 'alarm', title: '叫号机离线', level: 'major', alarm_id: first });
  await db.ownerPool.query("UPDATE alarms SET cleared_at = raised_at + interval '1 second' WHERE id = $1", [first]);
  await desk.look();
  await raise('critical', 'k1');
  await desk.look();
  t.equal((await tickets.rows('SELECT 1 FROM tickets')).length, 1, 'one open repair for one condition');
  const said = await tickets.rows<{ opinion: string }>(
    `SELECT opinion FROM ticket_history WHERE type = 'commented' ORDER BY seq`,
  );
  t.match(said, [{ opinion: '告警已消除：叫号机离线' }, { opinion: '告警再次发生：叫号机离线' }]);

  // Sixty of a hall whose kind takes no tickets come first.
  await writeRepairRules(tickets.systemContext(), {
    items: [
      { hallId: null, fromSeverity: 'warning', kind: 'repair', levels: {}, enabled: true },
      { hallId, fromSeverity: 'warning', kind: 'nowhere', levels: {}, enabled: true },
    ],
  });
  await clock.advance(1_000);
  for (let i = 0; i < 60; i++) await raise('critical', `stuck-${i}`);
  await clock.advance(1_000);
  const behind = await raise('critical', 'behind', tickets.otherHallId);
  for (let round = 0; round < 3; round++) await desk.look();
  t.equal(
    (await tickets.rows('SELECT 1 FROM tickets WHERE alarm_id = $1', [behind])).length,
    1,
    'no other waits for them',
  );
});

import { uuidv7 } from '@hallhub/shared';
import type { TicketCommand } from '@hallhub/shared/ticket';
import pino from 'pino';
import t, { type Test } from 'tap';
import type { Caller } from '../../../http/testing.js';
import { bringUpTickets, shippedKind } from '../../tickets/testing.js';
import { registerTicketHook } from '../../tickets/ticket-hooks.js';
import { writeRepairRules } from '../verbs/repair-rules.js';
import { repairHook } from './count-failures.js';
import { readDeviceRepairs } from './device-repairs.js';
import { listDevicesToReplace } from './devices-to-replace.js';
import { type RepairRule, repairRulesSchema } from './repair-contract.js';
import { RepairDesk } from './repair-desk.js';

t.setTimeout(300_000);

const minute = 60_000;
const rule = (change: Partial<RepairRule> = {}): RepairRule => {
  const [one] = repairRulesSchema.parse({
    items: [
      {
        hallId: null,
        fromSeverity: 'warning',
        kind: 'repair',
        levels: { critical: 'major' },
        enabled: true,
        ...change,
      },
    ],
  }).items;
  if (!one) throw new RangeError('no rule');
  return one;
};

const bringUp = async (t: Test, rules: readonly RepairRule[] = [rule()], kind = shippedKind('repair')) => {
  const tickets = await bringUpTickets(t, { kinds: [kind] });
  const { db, clock, bus, tenantId, hallId } = tickets;
  registerTicketHook(db, repairHook);
  const setRules = (items: readonly RepairRule[]) => writeRepairRules(tickets.systemContext(), { items: [...items] });
  await setRules(rules);
  const unitId = uuidv7();
  await db.ownerPool.query(
    `INSERT INTO units (id, tenant_id, hall_id, name, secret_hash) VALUES ($1, $2, $3, '单元', decode(repeat('00', 32), 'hex'))`,
    [unitId, tenantId, hallId],
  );
  const device = async (): Promise<string> => {
    const id = uuidv7();
    await db.ownerPool.query(
      `INSERT INTO devices (tenant_id, id, unit_id, hall_id, revision, state, vendor, model, serial, device_class, protocol, address)
       VALUES ($1, $2, $3, $4, 1, 'active', 'hallhub', 'qm-200', $5, 'queue-machine', 'mqtt', 'x')`,
      [tenantId, id, unitId, hallId, id],
    );
    return id;
  };
  const open = () => new RepairDesk({ database: db, clock, live: bus, log: pino({ level: 'silent' }) });
  const desk = open();
  const { rows } = tickets;
  return {
    ...{ tickets, desk, open, device, rows, clock, setRules },
    raise: async (
      key: string,
      of: { severity?: string; deviceId?: string | null; where?: string; message?: string } = {},
    ): Promise<string> => {
      const id = uuidv7();
      const { severity = 'critical', deviceId = null, where = hallId, message = '叫号机离线' } = of;
      await db.ownerPool.query(
        `INSERT INTO alarms (id, tenant_id, hall_id, unit_id, device_id, rule_key, rule, severity, message, raised_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, '{}', $7, $8, $9, $9)`,
        [
          id,
          tenantId,
          where,
          unitId,
          deviceId,
          key,
          severity,
          JSON.stringify({ zh: message }),
          new Date(clock.now() + 1),
        ],
      );
      await clock.advance(1_000);
      return id;
    },
    clear: async (id: string) => {
      await db.ownerPool.query('UPDATE alarms SET cleared_at = $2 WHERE id = $1', [id, new Date(clock.now())]);
    },
    all: () =>
      rows<{
        id: string;
        number: string;
        status: string;
        step: string;
        outcome: string | null;
        level: string;
        reopened: number;
      }>('SELECT * FROM tickets ORDER BY made_at, number'),
    said: async (ticketId: string) =>
      (
        await rows<{ opinion: string }>(
          'SELECT opinion FROM ticket_history WHERE ticket_id = $1 AND opinion IS NOT NULL ORDER BY seq',
          [ticketId],
        )
      ).map(({ opinion }) => opinion),
  };
};

type World = Awaited<ReturnType<typeof bringUp>>;

/** People take it from where it stands to what waits to be verified. */
const repairIt = async ({ tickets, rows }: World, ticketId: string, person: Caller): Promise<void> => {
  const ctx = await tickets.ctxOf(person);
  const task = async () =>
    (await rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets WHERE id = $1`, [ticketId]))[0]
      ?.id ?? '';
  const submit = async (action: string, fields: Record<string, unknown> = {}): Promise<void> => {
    const act: TicketCommand = { do: 'submit', task: await task(), action, fields, opinion: '办' };
    await tickets.act(ctx, ticketId, act);
  };
  const step = (await rows<{ step: string }>('SELECT step FROM tickets WHERE id = $1', [ticketId]))[0]?.step;
  if (step === 'report') await submit('to_assign');
  if (step === 'report' || step === 'assign') {
    const to = [{ kind: 'person', id: person.userId } as const];
    await tickets.act(ctx, ticketId, { do: 'submit', task: await task(), action: 'assign', fields: {}, to });
  }
  await tickets.act(ctx, ticketId, { do: 'sign', task: await task() });
  await submit('go', { diagnosis: '电源松动', cause: 'power' });
  await submit('arrived');
  await submit('repaired', {
    result: '已紧固',
    method: 'on_site',
    condition: 'normal',
    parts: '电源线 1 根',
    partsCost: 2500,
  });
  await submit('confirmed', { confirmedBy: '李主任' });
  const parties = await rows<{ step: string; id: string }>(
    `SELECT t->>'step' AS step, t->'party'->>'id' AS id FROM tickets, jsonb_array_elements(state->'tasks') t WHERE tickets.id = $1`,
    [ticketId],
  );
  const handlers = parties.filter((one) => one.step === 'travel' || one.step === 'fix');
  if (handlers.length < 2 || handlers.some(({ id }) => id !== person.userId)) throw new Error(JSON.stringify(parties));
};

const everywhere = async ({ tickets, rows }: World): Promise<Caller> => {
  const person = await tickets.signInAs('owner');
  for (const { id } of await rows<{ id: string }>('SELECT id FROM offices WHERE tenant_id = $1', [tickets.tenantId])) {
    await tickets.join(id, [person.userId]);
  }
  return person;
};

t.test('an alarm opens one repair, comes again into it, and its end is told', async (t) => {
  const world = await bringUp(t);
  const { desk, raise, clear, all, rows, tickets, setRules, clock } = world;
  await raise('k0', { severity: 'notice' });
  const first = await raise('k1');
  t.equal(await desk.look(), 1);
  t.equal(await desk.look(), 0, 'told once');
  const [made] = await rows<{ id: string }>('SELECT * FROM tickets');
  t.match(made, { source: 'alarm', title: '叫号机离线', level: 'major', alarm_id: first });
  await clear(first);
  await desk.look();
  await raise('k1');
  await desk.look();
  t.equal((await all()).length, 1, 'one open repair for one condition');
  t.same(await world.said(made?.id ?? ''), ['告警已消除：叫号机离线', '告警再次发生：叫号机离线']);

  // Sixty of a hall whose kind takes no tickets come first.
  await setRules([rule({ levels: {} }), rule({ hallId: tickets.hallId, kind: 'nowhere' })]);
  await clock.advance(1_000);
  for (let i = 0; i < 60; i++) await raise(`stuck-${i}`);
  const other = await raise('behind', { where: tickets.otherHallId });
  await rows('UPDATE tickets SET status = $1, outcome = $2, ended_at = now() WHERE id = $3', [
    'ended',
    'cancelled',
    made?.id,
  ]);
  for (let round = 0; round < 3; round++) await desk.look();
  t.equal((await rows('SELECT 1 FROM tickets WHERE alarm_id = $1', [other])).length, 1, 'no other waits for them');
});

t.test('cleared alarms verify a repair by themselves, whenever they cleared', async (t) => {
  const world = await bringUp(t, [rule({ quietSeconds: 300 })]);
  const { desk, raise, clear, all, said, clock } = world;
  const person = await everywhere(world);
  const deviceId = await world.device();
  const alarm = await raise('offline', { deviceId });
  await desk.look();
  const [made] = await all();
  const id = made?.id ?? '';
  await t.test('before the verification, and stayed away', async (t) => {
    await clock.advance(20 * minute);
    await clear(alarm);
    await desk.look();
    await clock.advance(minute);
    await repairIt(world, id, person);
    t.match((await all())[0], { step: 'verify' });
    await desk.look();
    t.match((await all())[0], { step: 'verify' }, 'a minute is not long enough');
    await clock.advance(4 * minute);
    t.equal(await desk.look(), 1);
    t.match((await all())[0], { status: 'ended', outcome: 'closed', step: 'closed' });
    t.match((await said(id)).at(-1), /关联告警已消除（5 分钟未再发生），自动核验通过/);
    t.equal(await desk.look(), 0);
    t.same(await world.rows('SELECT 1 FROM repair_watches'), [], 'watched no more');
  });
  await t.test('soon after the close it is the same repair again', async (t) => {
    await clock.advance(10 * minute);
    const again = await raise('offline', { deviceId });
    await desk.look();
    t.match(await all(), [{ id, status: 'running', reopened: 1, step: 'assign' }]);
    t.match((await said(id)).at(-1), /^结单后 10 分钟告警再次发生：叫号机离线/);
    await repairIt(world, id, person);
    await desk.look();
    await desk.look();
    const [ticket] = await world.rows<{ cleared: boolean }>(
      `SELECT (state #>> '{fields,alarmCleared}')::boolean AS cleared FROM tickets`,
    );
    t.equal(ticket?.cleared, false, 'nobody verifies it over an alarm that stands');
    await clear(again);
    await clock.advance(4 * minute);
    await desk.look();
    t.match((await all())[0], { step: 'verify' });
    const during = await raise('offline', { deviceId });
    await desk.look();
    t.match((await all())[0], { step: 'diagnose' });
    t.ok((await said(id)).includes('核验期间告警再次发生：叫号机离线，退回维修'));
    await clear(during);
    await clock.advance(6 * minute);
    await repairIt(world, id, person);
    await desk.look();
    t.match((await all())[0], { status: 'ended', outcome: 'closed' });
  });
  await t.test('an alarm that never clears sends it back', async (t) => {
    await clock.advance(minute);
    const stands = await raise('offline', { deviceId });
    await desk.look();
    await repairIt(world, id, person);
    await desk.look();
    await clock.advance(29 * minute);
    await desk.look();
    t.match((await all())[0], { step: 'verify' });
    await clock.advance(2 * minute);
    await desk.look();
    t.match((await all())[0], { step: 'diagnose' });
    t.ok((await said(id)).some((one) => one.startsWith('报修好后 30 分钟告警仍未消除')));
    await clear(stands);
    await clock.advance(6 * minute);
    await repairIt(world, id, person);
    await desk.look();
  });
  await t.test('later it is another, linked to the one before; the third failure advises replacement', async (t) => {
    await clock.advance(25 * 60 * minute);
    await raise('offline', { deviceId });
    await desk.look();
    const tickets = await all();
    t.equal(tickets.length, 2);
    const second = tickets[1]?.id ?? '';
    t.ok((await said(second)).includes(`重复故障：同一告警上次由 ${made?.number} 处理`));
    t.match(await world.rows('SELECT from_id, to_id FROM ticket_links'), [{ from_id: second, to_id: id }]);
    await desk.look();
    t.ok(
      (await said(second)).some((one) => one.startsWith('该设备 30 天内第 4 次故障')),
      'each reopening counts',
    );
    const ctx = await world.tickets.ctxOf(person);
    const repairs = await readDeviceRepairs(ctx, { deviceId });
    t.match(repairs, { total: 2, elsewhere: 0, repaired: 1, failures: 4, replaceAdvised: true, partsCost: 2500 });
    t.match(repairs.items, [
      { ticketId: second, replaceAdvised: true, repairedAt: null },
      {
        number: made?.number,
        cause: { zh: '供电' },
        method: { zh: '现场维修' },
        parts: '电源线 1 根',
        result: '已紧固',
      },
    ]);
    t.equal(repairs.meanTimeToRepairMs, repairs.items[1]?.tookMs);
    t.match(await listDevicesToReplace(ctx), { items: [{ deviceId, failures: 4 }] });
    const stranger = await world.tickets.signInAs('ticket-handler', { hallIds: [world.tickets.otherHallId] });
    await t.rejects(readDeviceRepairs(await world.tickets.ctxOf(stranger), { deviceId }), { code: 'not_found' });
    t.same((await listDevicesToReplace(await world.tickets.ctxOf(stranger))).items, []);
    // It is moved there: what it had here is still this hall's to read.
    await world.rows('UPDATE devices SET hall_id = $2 WHERE id = $1', [deviceId, world.tickets.otherHallId]);
    t.match(await readDeviceRepairs(await world.tickets.ctxOf(stranger), { deviceId }), {
      ...{ items: { length: 0 }, total: 0, elsewhere: 2, repaired: 0, meanTimeToRepairMs: null, partsCost: 0 },
      ...{ failures: 4, replaceAdvised: true },
    });
  });
});

t.test('what nobody is shown where a repair stands, its device does not tell', async (t) => {
  const kind = shippedKind('repair');
  for (const { id, fields } of kind.steps) if (id === 'verify') fields.hidden.push('diagnosis', 'cause', 'partsCost');
  const world = await bringUp(t, [rule()], kind);
  const person = await everywhere(world);
  const deviceId = await world.device();
  await world.raise('offline', { deviceId });
  await world.desk.look();
  await repairIt(world, (await world.all())[0]?.id ?? '', person);
  const repairs = await readDeviceRepairs(await world.tickets.ctxOf(person), { deviceId });
  t.match(repairs.items, [{ diagnosis: null, cause: null, partsCost: null, result: '已紧固' }]);
  t.equal(repairs.partsCost, 0, 'nor does the sum of one');
});

t.test('however an alarm flaps and whatever else comes of the device, one repair has it', async (t) => {
  const world = await bringUp(t, [rule({ levels: { warning: 'general', critical: 'major' } })]);
  const { desk, raise, clear, all, said } = world;
  const deviceId = await world.device();
  for (let i = 0; i < 25; i++) {
    const alarm = await raise('flap', { deviceId, severity: 'warning' });
    await desk.look();
    await clear(alarm);
    await desk.look();
  }
  const [made] = await all();
  t.equal((await all()).length, 1);
  t.equal(made?.level, 'general');
  const lines = await said(made?.id ?? '');
  t.ok(lines.length < 20, `${lines.length} lines of 50 changes`);
  t.ok(lines.includes('告警再次发生（第 20 次）：叫号机离线'));
  await raise('paper', { deviceId, message: '缺纸' });
  await desk.look();
  t.match(await all(), [{ level: 'major' }], 'the worse of them counts');
  t.match((await world.rows(`SELECT what, place FROM repair_alarms ORDER BY place`)).at(-1), {
    what: 'joined',
    place: 26,
  });
});

t.test('two processes, and one that breaks between alarm and ticket: exactly one', async (t) => {
  const world = await bringUp(t);
  const desks = [world.desk, world.open(), world.open()];
  let breaks = 2;
  registerTicketHook(world.tickets.db, {
    onLines: () => (breaks-- > 0 ? Promise.reject(new Error('power cut')) : Promise.resolve()),
  });
  for (let i = 0; i < 5; i++) await world.raise(`k${i}`, { deviceId: await world.device() });
  for (let round = 0; round < 3; round++) {
    await Promise.all(desks.map((desk) => desk.look()));
    await world.clock.advance(2 * minute);
  }
  t.equal((await world.all()).length, 5);
  t.match(await world.rows('SELECT what, count(*)::int FROM repair_alarms GROUP BY what'), [
    { what: 'opened', count: 5 },
  ]);
});

t.test('a rule opens so many in an hour; what is more waits and is told', async (t) => {
  const world = await bringUp(t, [rule({ mostPerHour: 2 })]);
  const { desk, raise, clear, all, clock } = world;
  const alarms: string[] = [];
  for (let i = 0; i < 5; i++) alarms.push(await raise('offline', { deviceId: await world.device() }));
  for (let round = 0; round < 3; round++) {
    await desk.look();
    await clock.advance(2 * minute);
  }
  t.equal((await all()).length, 2);
  t.equal((await world.rows(`SELECT 1 FROM repair_alarms WHERE what = 'held'`)).length, 3);
  await clear(alarms[4] ?? '');
  await clock.advance(60 * minute);
  await desk.look();
  t.equal((await all()).length, 4, 'the two that still stand have their turn');
});

t.test('an alarm opens a repair once it stood long enough; a changed rule loses none', async (t) => {
  const world = await bringUp(t, [rule({ afterSeconds: 120 })]);
  const blip = await world.raise('blip', { deviceId: await world.device() });
  await world.raise('stands', { deviceId: await world.device() });
  await world.clock.advance(minute);
  await world.desk.look();
  t.equal((await world.all()).length, 0);
  await world.clear(blip);
  await world.setRules([rule({ afterSeconds: 90 })]);
  await world.clock.advance(minute);
  await world.desk.look();
  t.equal((await world.all()).length, 1);
});

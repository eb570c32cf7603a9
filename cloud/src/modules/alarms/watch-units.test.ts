import fc from 'fast-check';
import t from 'tap';
import { startTestLink } from '../streams/test-link.js';
import { until } from '../streams/testing.js';
import { defaultUnitRules, standingOf, type UnitFacts, unitRulesOf } from './unit-rules.js';
import { watchUnits } from './watch-units.js';

const hourMs = 3_600_000;

const setup = async (t: Parameters<typeof startTestLink>[0]) => {
  const cloud = await startTestLink(t);
  const owner = await cloud.signInAs('owner');
  const unit = await cloud.connect();
  await unit.hello();
  const sql = (text: string, values: unknown[] = []) => cloud.db.ownerPool.query(text, values);
  const look = () => watchUnits({ database: cloud.db, clock: cloud.clock, live: cloud.bus });
  /** What it says of itself, and the minute's look after that. */
  const say = async (change: object) => {
    await sql(
      `UPDATE unit_links SET presence = 'online', heartbeat = $2, clock = coalesce($3, clock) WHERE unit_id = $1`,
      [
        cloud.unit.unitId,
        JSON.stringify({ runwayMs: 100 * hourMs, ...change }),
        'clock' in change ? JSON.stringify(change.clock) : null,
      ],
    );
    await look();
  };
  const open = async () =>
    (await sql(`SELECT rule->>'kind' AS kind FROM alarms WHERE cleared_at IS NULL ORDER BY 1`)).rows.map(
      ({ kind }) => kind,
    );
  return { cloud, owner, unit, say, look, open, sql };
};

t.test('runway: below the level for a while it is an alarm, and it does not flutter', async (t) => {
  const { cloud, say, open, owner } = await setup(t);
  await say({ runway: { eventsMs: null, telemetryMs: 5 * hourMs, evidenceMs: null, measuredMs: 1 } });
  t.same(await open(), [], 'it has to last');
  await say({ runway: { eventsMs: null, telemetryMs: 20 * hourMs, evidenceMs: null, measuredMs: 1 } });
  await cloud.clock.advance(660_000);
  t.same(await open(), [], 'it did not last');
  await say({ runwayMs: 5 * hourMs });
  await until(async () => (await open()).length === 1 || (await cloud.clock.advance(60_000)));
  t.match((await owner.get('/alarms')).body.items[0], { value: 5, unitId: cloud.unit.unitId, rule: { limit: 12 } });
  await say({ runwayMs: 15 * hourMs });
  t.same(await open(), ['unit_runway'], 'between the limits nothing changes');
  await say({ runwayMs: 18 * hourMs });
  t.same(await open(), []);
});

t.test('certificate, clock, seals and faults', async (t) => {
  const { cloud, say, open, sql, look } = await setup(t);
  const { clock, unit, tenantId } = cloud;
  await say({ certificateEndsAt: clock.now() + 13 * 24 * hourMs });
  t.same(await open(), ['unit_certificate']);
  await say({ certificateEndsAt: clock.now() + 90 * 24 * hourMs });
  t.same(await open(), []);
  await sql(
    `INSERT INTO seals (tenant_id, unit_id, lane, epoch, hour, verdict, judged_at) VALUES ($1, $2, 'live', $3, now(), 'different', $4)`,
    [tenantId, unit.unitId, '0'.repeat(16), new Date(clock.now())],
  );
  await sql(
    `INSERT INTO unit_faults (tenant_id, id, unit_id, at, received_at, code, message) VALUES ($1, gen_random_uuid(), $2, $3, $3, 'disk', 'm')`,
    [tenantId, unit.unitId, new Date(clock.now())],
  );
  await look();
  t.same(await open(), ['unit_fault', 'unit_seal']);
  clock.jump(61 * 60_000);
  await look();
  t.same(await open(), ['unit_seal']);
  clock.jump(24 * hourMs);
  await look();
  t.same(await open(), []);
  await say({ clock: { state: 'untrusted', segment: 1, offsetMs: null } });
  await until(async () => (await open()).join() === 'unit_clock' || (await clock.advance(60_000)));
  await say({ clock: { state: 'trusted', segment: 1, offsetMs: 0 } });
  t.same(await open(), []);
});

t.test('a hall’s own rule stands alone; switched off it ends what the other had', async (t) => {
  const { cloud, owner, say, open, look } = await setup(t);
  await say({ certificateEndsAt: cloud.clock.now() + 10 * 24 * hourMs });
  t.same(await open(), ['unit_certificate']);
  const label = { zh: '证书' };
  const made = await owner.post('/alarm-rules', {
    ...{ hallId: cloud.hallId, kind: 'unit_certificate', limit: 5, clearLimit: 6, label },
  });
  t.equal(made.status, 201);
  await look();
  t.same(await open(), [], 'ten days are enough here');
  t.match(
    await owner.post('/alarm-rules', { hallId: cloud.hallId, kind: 'unit_runway', limit: 5, clearLimit: 4, label }),
    { status: 400 },
  );
  await say({ certificateEndsAt: cloud.clock.now() + 2 * 24 * hourMs });
  t.same(await open(), ['unit_certificate']);
  await owner.patch(`/alarm-rules/${made.body.id}`, { enabled: false }, made.body.version);
  await look();
  t.same(await open(), []);
});

t.test('standing: never both beyond and back, and back only past the clear limit', async (t) => {
  const facts: fc.Arbitrary<UnitFacts> = fc.record({
    runwayHours: fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined }),
    certificateDays: fc.option(fc.double({ min: -5, max: 100, noNaN: true }), { nil: undefined }),
    clockTrusted: fc.option(fc.boolean(), { nil: undefined }),
    sealsDiffer: fc.boolean(),
    faultMinutes: fc.option(fc.double({ min: 0, max: 200, noNaN: true }), { nil: undefined }),
  });
  fc.assert(
    fc.property(facts, fc.constantFrom(...unitRulesOf([])), (given, rule) => {
      const standing = standingOf(rule, given);
      const value = rule.kind === 'unit_runway' ? given.runwayHours : given.certificateDays;
      if (rule.limit === null) return true;
      if (value === undefined) return standing === 'unknown';
      return standing === (value < rule.limit ? 'beyond' : value >= (rule.clearLimit ?? 0) ? 'back' : 'between');
    }),
  );
  t.equal(unitRulesOf([]).length, defaultUnitRules.length);
});

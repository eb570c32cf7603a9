import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { addsUp, proofReportSchema, unitProofSchema } from '@hallhub/shared/proof';
import pino from 'pino';
import t from 'tap';
import { type CloudPki, openPki } from '../pki/index.js';
import { bringUpDevice, startTestLink } from '../streams/test-link.js';
import { TestStream } from '../streams/testing.js';
import { recountSample } from './jobs.js';
import { judgeSeals } from './judge-seals.js';
import { proofRoutes } from './routes.js';
import { readUnitProof } from './unit-proof.js';
import { todayIn } from './verbs/read-day-proof.js';

t.setTimeout(180_000);

const hourMs = 3_600_000;
const log = pino({ level: 'silent' });
const zone = 'Asia/Shanghai';

const setup = async (t: Parameters<typeof startTestLink>[0]) => {
  let pki: Promise<CloudPki> | undefined;
  const cloud = await startTestLink(t, {
    routes: ({ db, clock }) => {
      pki = openPki({
        ...{ database: db, clock, log, hosts: ['127.0.0.1'] },
        secret: 'test-secret-of-32-characters-or-more',
      });
      return proofRoutes({ pki: { sign: async (document) => (await pki!).sign(document) }, software: '0.0.0-test' });
    },
  });
  const authority = await pki!;
  t.teardown(() => authority.close());
  const hall = await bringUpDevice(cloud);
  const owner = await cloud.signInAs('owner');
  const day = todayIn(zone, cloud.clock.now());
  const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus, log };
  /** The start of the hour that is now, by the unit's clock. */
  const hour = cloud.clock.now() - (cloud.clock.now() % hourMs);
  const proof = async () => (await owner.get(`/units/${cloud.unit.unitId}/proof?day=${day}`)).body;
  const sealOf = (stream: TestStream, firstSeq: number, lastSeq: number, change: object = {}) => ({
    ...{ kind: 'seal', at: cloud.clock.now(), lane: stream.lane, epoch: stream.epoch, hour, firstSeq, lastSeq },
    ...{ count: lastSeq - firstSeq + 1, chain: stream.chainAt(lastSeq), ...change },
  });
  const sample = (n: number) => ({
    ...{ kind: 'sample', at: hour + 1_000 + n, deviceId: hall.deviceId, values: { power: n, text: `${n}` } },
  });
  return { ...cloud, ...hall, ...cloud.unit, owner, day, deps, hour, proof, sealOf, sample, authority };
};

t.test('a day: open, then sealed and equal; aside and thinned are told apart', async (t) => {
  const hall = await setup(t);
  const { live, events, send, proof, sealOf, sample, deps } = hall;
  await send(live, sample(1), sample(2), { kind: 'sample', at: hall.hour + 3, deviceId: 'nobody', values: {} });
  t.match(await proof(), { verdict: 'pending', figures: { produced: 0, unsealed: 6, lost: 0 } });

  const from = live.head + 1;
  live.append(sample(4), sample(5));
  t.match(await hall.unit.sendBatch(live, live.gap(from, live.head)), { result: 'committed' });
  await send(events, sealOf(live, 1, live.head));
  const shown = await proof();
  const hours = shown.hours.filter(({ lane }: { lane: string }) => lane === 'live');
  t.match(hours, [{ state: 'thinned', figures: { produced: 5, stored: 2, aside: 1, thinned: 2, lost: 0, twice: 0 } }]);
  t.ok(hours[0].figures.delayMaxMs >= 0, 'how long the oldest row took');
  t.equal(hours[0].unit.chain, live.chainAt(5));

  t.equal(await judgeSeals(deps), 1);
  t.equal(await judgeSeals(deps), 0, 'each is judged once');
  const judged = await hall.db.ownerPool.query("SELECT verdict FROM seals WHERE lane = 'live'");
  t.same(judged.rows, [{ verdict: 'thinned' }]);

  const fleet = await hall.owner.get(`/proof?from=${hall.day}&to=${hall.day}`);
  t.match(fleet.body.items, [{ verdict: 'pending', figures: { produced: 5, thinned: 2 }, days: [{ day: hall.day }] }]);
  t.match(await hall.owner.get('/proof?from=2026-01-01&to=2026-03-01'), { status: 400 });

  const own = await readUnitProof(deps, { unitId: hall.unitId, day: hall.day });
  t.match(unitProofSchema.parse(own), { figures: shown.figures, verdict: 'pending' });
  t.match(
    own.streams.find(({ lane }) => lane === 'live'),
    { cursor: 5, chain: live.chainAt(5), closed: false },
  );
});

t.test('a seal that differs is found, audited, and turns the day', async (t) => {
  const hall = await setup(t);
  const { live, events, send, proof, sealOf, sample, deps } = hall;
  await send(live, sample(1), sample(2), sample(3));
  await send(events, sealOf(live, 1, 3, { chain: 'ab'.repeat(32) }));
  t.match(await proof(), { verdict: 'different', figures: { produced: 3, stored: 3, lost: 0, twice: 0 } });
  t.equal(await judgeSeals(deps), 1);
  t.match(await hall.auditRows('proof.mismatch'), [
    { targetId: hall.unitId, hallId: hall.hallId, actorKind: 'system' },
  ]);

  await send(events, sealOf(live, 1, 3));
  t.equal(await judgeSeals(deps), 1, 'another word of the unit on that hour is judged anew');
  t.match(
    (await proof()).hours.filter(({ lane }: { lane: string }) => lane === 'live'),
    [{ state: 'equal' }],
  );
});

t.test(
  'a unit that was rolled back: renumbered rows are carried over, and what may be here twice is said',
  async (t) => {
    const hall = await setup(t);
    const { live, events, send, proof, sealOf, sample } = hall;
    await send(live, sample(1), sample(2), sample(3));
    // Its disk is of the time of row 1: it believes 2 and 3 unsent, and writes them again under new numbers.
    const again = new TestStream({ unitId: hall.unitId, secret: hall.secret }, 'live', '00000000000000b2');
    const gap = {
      kind: 'gap',
      at: hall.clock.now(),
      reason: 'rollback',
      previousEpoch: live.epoch,
      fromSeq: 2,
      toSeq: 3,
    };
    await send(again, gap, sample(2), sample(3));
    await send(events, sealOf(again, 1, 3));
    const shown = await proof();
    t.match(shown, {
      verdict: 'different',
      notes: [{ kind: 'rollback', lane: 'live', rows: 2 }],
      figures: { twice: 2 },
    });
    t.match(
      shown.hours
        .filter(({ lane }: { lane: string }) => lane === 'live')
        .map(({ state }: { state: string }) => state)
        .sort(),
      ['equal', 'unknown'],
    );
  },
);

t.test('values of a time far ahead are in quarantine: told beside the sum, which stays whole', async (t) => {
  const hall = await setup(t);
  const { live, events, send, proof, sealOf, sample } = hall;
  await send(live, sample(1), { ...sample(2), at: hall.clock.now() + 40 * 86_400_000 });
  await send(events, sealOf(live, 1, 2));
  const shown = await proof();
  t.match(shown, { figures: { quarantined: 2 } });
  t.match(await hall.owner.get(`/proof?from=${hall.day}&to=${hall.day}`), {
    body: { items: [{ figures: { quarantined: 2 }, days: [{ figures: { quarantined: 2 } }] }] },
  });
  const { produced, stored, aside, thinned, lost, twice, waiting } = shown.figures;
  t.equal(produced, stored + aside + thinned + lost + waiting - twice);
  t.notOk('quarantined' in (shown.hours[0]?.figures ?? {}), 'hours are as signed reports have always had them');
  t.match(await hall.owner.post(`/units/${hall.unitId}/proof/recounts`, { day: hall.day }), { body: { equal: true } });
});

t.test('a recount finds what was taken out of the tables behind the ledger’s back', async (t) => {
  const hall = await setup(t);
  const { live, events, send, sample, owner, day } = hall;
  const event = { kind: 'event', at: hall.hour + 5, id: uuidv7(), deviceId: hall.deviceId, event: 'opened' };
  await send(live, sample(1), sample(2), sample(3));
  await send(events, { ...event, severity: 'warning', data: {} }, { ...event, severity: 'warning', data: {} });
  const recount = () => owner.post(`/units/${hall.unitId}/proof/recounts`, { day });
  const kinds = [
    { kind: 'value', expected: 6, found: 6 },
    { kind: 'event', expected: 1, found: 1 },
    { kind: 'presence', expected: 1, found: 1 },
  ];
  t.match(await recount(), { status: 201, body: { equal: true, kinds } });
  t.match(await owner.get(`/units/${hall.unitId}/proof?day=${day}`), {
    body: { figures: { repeated: 1 }, recount: { equal: true } },
  });
  await hall.db.ownerPool.query('DELETE FROM telemetry_samples WHERE number = 2');
  hall.clock.advance(1_000);
  t.match((await recount()).body, { equal: false, kinds: [{ kind: 'value', expected: 6, found: 5 }] });
  t.match(await hall.auditRows('proof.recount_differs'), [{ targetId: hall.unitId }]);
  hall.clock.advance(24 * hourMs);
  t.equal(await recountSample(hall.deps, 5), 1, 'the nightly sample finds it too');
});

t.test('a signed month that a stranger checks with openssl alone', async (t) => {
  const hall = await setup(t);
  const { live, events, send, sealOf, sample, owner } = hall;
  await send(live, sample(1), sample(2));
  await send(events, sealOf(live, 1, 2));
  const month = hall.day.slice(0, 7);
  const made = await owner.post('/proof/reports', { month });
  t.match(made, { status: 201, body: { month, units: 1, totals: { produced: 2, stored: 2 } } });
  const path = `/proof/reports/${made.body.id}`;
  t.match((await owner.get('/proof/reports')).body.items, [{ id: made.body.id }]);
  const whole = (await owner.get(path)).body;
  const report = proofReportSchema.parse(JSON.parse(whole.document));
  t.ok(addsUp(report));
  const dayShown = (await owner.get(`/units/${hall.unitId}/proof?day=${hall.day}`)).body;
  t.equal(report.units[0]?.days[0]?.hoursSha256, dayShown.hoursSha256, 'the report pins the hours of each day');
  t.equal(await hall.authority.verify(Buffer.from(whole.document), whole.signature), true);

  const raw = async (part: string) => {
    const answer = await hall.app.request(`http://hallhub.test/api/v1${path}/${part}`, {
      headers: { cookie: owner.cookie },
    });
    return Buffer.from(await answer.arrayBuffer());
  };
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-proof-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'report.json'), await raw('document'));
  writeFileSync(join(folder, 'report.sig'), await raw('signature'));
  writeFileSync(join(folder, 'signer.pem'), await raw('certificates'));
  // The authority comes by another way: the console's page, or a unit's DATA/identity/trust.json.
  writeFileSync(join(folder, 'ca.pem'), hall.authority.trust().certificates.join('\n'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' }).toString();
  openssl('x509', '-in', 'signer.pem', '-pubkey', '-noout', '-out', 'signer.pub');
  t.match(
    openssl('dgst', '-sha256', '-verify', 'signer.pub', '-signature', 'report.sig', 'report.json'),
    'Verified OK',
  );
  t.match(openssl('verify', '-CAfile', 'ca.pem', 'signer.pem'), 'signer.pem: OK');
  writeFileSync(join(folder, 'report.json'), (await raw('document')).toString().replace('"lost":0', '"lost":1'));
  t.throws(() => openssl('dgst', '-sha256', '-verify', 'signer.pub', '-signature', 'report.sig', 'report.json'));
});

t.test('only with the right, and only one’s own', async (t) => {
  const hall = await setup(t);
  const path = `/units/${hall.unitId}/proof?day=${hall.day}`;
  const stranger = await hall.signInAs('owner', { tenant: 'other' });
  t.match(await stranger.get(path), { status: 404 });
  t.match((await stranger.get(`/proof?from=${hall.day}&to=${hall.day}`)).body.items, []);
  const elsewhere = await hall.signInAs('owner', { hallIds: [hall.otherHallId] });
  t.match(await elsewhere.get(path), { status: 404 });
  t.match(await elsewhere.post('/proof/reports', { month: hall.day.slice(0, 7) }), { status: 403 });
  t.match(await elsewhere.get('/proof/reports'), { status: 403 });
});

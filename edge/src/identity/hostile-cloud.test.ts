import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Clock, HubError, ManualClock, systemClock } from '@hallhub/shared';
import { gatewayPaths, parseEnrolmentCode } from '@hallhub/shared/wire';
import t from 'tap';
import { keeperRig, untilManually } from './__fixtures__/keeper-rig.js';
import { makeCa, TestGateway } from './__fixtures__/test-gateway.js';
import { enrolUnit } from './enrol-unit.js';
import { IdentityFiles } from './identity-files.js';

const dayMs = 86_400_000;
const signal = new AbortController().signal;
const ask = { method: 'GET', path: gatewayPaths.snapshot } as const;

t.test('an old certificate of the cloud, with its key, cannot turn the clock back to its own days', async (t) => {
  const { gateway, learned, open } = await keeperRig(t);
  const keeper = open();
  const dates = { from: Date.now() - 30 * dayMs, to: Date.now() - 20 * dayMs };
  gateway.server.setSecureContext(await gateway.serverCredentials(['127.0.0.1'], dates));
  gateway.offsetMs = -25 * dayMs;
  await t.rejects(keeper.request(ask), { code: 'link_refused', context: { fault: 'dates' } });
  t.same(learned, [], 'before the unit itself was enrolled it cannot be');
});

t.test('a clock that is known to be right is not asked to move', async (t) => {
  const { gateway, learned, open } = await keeperRig(t, { isTimeSure: () => true });
  const keeper = open();
  const dates = { from: Date.now() + 30 * dayMs, to: Date.now() + 60 * dayMs };
  gateway.server.setSecureContext(await gateway.serverCredentials(['127.0.0.1'], dates));
  gateway.offsetMs = 40 * dayMs;
  await t.rejects(keeper.request(ask), { code: 'link_refused', context: { fault: 'dates' } });
  t.same(learned, []);
});

t.test('nobody is believed a time at which its own certificate would not hold', async (t) => {
  const clock: Clock = { ...systemClock, now: () => 86_400_000 };
  const { gateway, learned, open } = await keeperRig(t, { clock });
  gateway.offsetMs = 70 * 365 * dayMs;
  await t.rejects(open().request(ask), { code: 'link_refused' });
  t.same(learned, []);
});

t.test('a list of CAs that would shut out the cloud itself, or is none, is not taken', async (t) => {
  const clock = new ManualClock(Date.now());
  const { gateway, open, files } = await keeperRig(t, { clock });
  const keeper = open();
  const own = gateway.ca.certificate;
  const next = await makeCa('Next CA');
  const garbage = own.replace(/\n[A-Za-z0-9+/=]{20}/, '\nAAAAAAAAAAAAAAAAAAAA');
  for (const certificates of [[next.certificate], [own, garbage], [own, keeper.identity?.certificates[0] ?? '']]) {
    gateway.trust = { version: `v${certificates.length}${gateway.requests.length}`, certificates };
    const before = gateway.requests.length;
    keeper.noteTrustVersion(gateway.trust.version);
    await untilManually(clock, 10, () => gateway.requests.length > before);
    await new Promise((resolve) => setTimeout(resolve, 50));
    t.equal(keeper.identity?.trust.version, 'one');
    await t.rejects(keeper.renew(), { code: 'protocol_violation' }, 'nor with a renewal');
  }
  t.match(files.read(), { state: 'ready', identity: { trust: { version: 'one' } } });
});

t.test('a renewed certificate of another unit, or of no CA of the list, is not taken', async (t) => {
  const { gateway, open } = await keeperRig(t);
  const keeper = open();
  const before = keeper.identity?.tls.cert;
  const own = gateway.certificateFor.bind(gateway);
  gateway.certificateFor = (publicKey) =>
    gateway.ca.issue({ name: '01900000-0000-7000-8000-00000000000b', publicKey, use: 'client' });
  await t.rejects(keeper.renew(), { code: 'protocol_violation', message: /another unit/ });
  const stranger = await makeCa('Stranger');
  const { ca } = gateway;
  gateway.certificateFor = (publicKey) =>
    stranger.issue({ name: keeper.identity?.unitId ?? '', publicKey, use: 'client' });
  await t.rejects(keeper.renew(), { code: 'protocol_violation', message: /CA/ });
  t.equal(keeper.identity?.tls.cert, before);
  gateway.ca = ca;
  gateway.certificateFor = own;
  await keeper.renew();
});

t.test('a list on the disk that holds no certificates is damage, said as such', async (t) => {
  const { dataDir, files } = await keeperRig(t);
  const file = path.join(dataDir, 'identity/trust.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\\n[A-Za-z0-9+/=]{20}/, '\\nAAAAAAAAAAAAAAAAAAAA'));
  t.match(files.read(), { state: 'damaged', reason: /trust\.json/ });
});

t.test('a certificate that is always due does not make the unit ask for ever', async (t) => {
  // Three months ahead of the cloud, which nobody has told it yet.
  const clock = new ManualClock(Date.now() + 80 * dayMs);
  const { gateway, open } = await keeperRig(t, { clock });
  const keeper = open();
  keeper.start();
  const renewals = () => gateway.requests.filter((one) => one.endsWith(gatewayPaths.renew)).length;
  await untilManually(clock, 10, () => renewals() > 0);
  for (let step = 0; step < 100; step++) {
    await clock.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  t.equal(renewals(), 1);
});

t.test('a cloud that restarts does not make a unit with a fast clock believe that it is over', async (t) => {
  const clock = new ManualClock(Date.now() + 91 * dayMs);
  const { open, gateway } = await keeperRig(t, { clock });
  const keeper = open();
  const lost = new HubError('link_lost', 'closed', { context: { kind: 'closed' } });
  t.equal(await keeper.explain(lost, signal), lost);
  t.equal(keeper.refusal, undefined);
  t.ok(gateway.requests.length > 0);
});

t.test('what lay open is closed again', async (t) => {
  const { dataDir, files } = await keeperRig(t);
  const folder = path.join(dataDir, 'identity');
  const key = path.join(folder, 'key.pem');
  chmodSync(folder, 0o755);
  chmodSync(key, 0o644);
  files.read();
  t.equal(statSync(key).mode & 0o777, 0o600);
  t.equal(statSync(folder).mode & 0o777, 0o700);
  writeFileSync(`${key}.new`, 'left over', { mode: 0o644 });
  const identity = files.read();
  if (identity.state !== 'ready') throw new Error('not ready');
  const { tls, trust, certificates } = identity.identity;
  files.take({ key: tls.key, certificate: certificates.join(''), trust }, Date.now());
  t.equal(statSync(key).mode & 0o777, 0o600);
});

t.test('somebody in between who answers a byte now and then does not hold an enrolment for ever', async (t) => {
  const gateway = await TestGateway.open();
  t.teardown(() => gateway[Symbol.asyncDispose]());
  gateway.server.removeAllListeners('request');
  gateway.server.on('request', (_request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(drip));
  });
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-drip-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const code = parseEnrolmentCode(gateway.code);
  if (!code) throw new Error('no code');
  const files = new IdentityFiles(dataDir);
  const run = enrolUnit({
    files,
    code,
    gateway: gateway.url,
    software: 't',
    clock: systemClock,
    answerWithinMs: 1_000,
  });
  await t.rejects(run, { code: 'timeout' });
  t.notOk(existsSync(path.join(dataDir, 'identity/key.pem')));
});

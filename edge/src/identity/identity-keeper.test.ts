import { readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { type Clock, HubError, ManualClock, systemClock } from '@hallhub/shared';
import { gatewayPaths, parseEnrolmentCode } from '@hallhub/shared/wire';
import t from 'tap';
import { keeperRig as rig, untilManually as until } from './__fixtures__/keeper-rig.js';
import { makeCa, testUnitId } from './__fixtures__/test-gateway.js';
import { CertificateTransport } from './certificate-transport.js';
import { enrolUnit } from './enrol-unit.js';

const signal = new AbortController().signal;

t.test('renewed after two thirds of its life, with a new key; failures are tried again in time', async (t) => {
  const clock = new ManualClock(Date.now());
  const { dataDir, gateway, open } = await rig(t, { clock, lifeMs: 600_000 });
  const keeper = open();
  const { identity } = keeper;
  t.ok(identity && keeper.renewAt);
  const share = ((keeper.renewAt ?? 0) - (identity?.issuedAt ?? 0)) / 600_000;
  t.ok(share >= 0.66 && share <= 0.72, `${share}`);
  keeper.start();
  const key = readFileSync(path.join(dataDir, 'identity/key.pem'), 'utf8');
  gateway.loseAnswers = 2;
  await clock.advance(390_000);
  t.notOk(gateway.requests.includes(`POST ${gatewayPaths.renew}`), 'not before');
  gateway.offsetMs = 400_000;
  await until(clock, 2_000, () => keeper.identity !== identity);
  t.ok(gateway.requests.filter((one) => one === `POST ${gatewayPaths.renew}`).length >= 3);
  t.not(readFileSync(path.join(dataDir, 'identity/key.pem'), 'utf8'), key);
  t.equal(keeper.renewFailure, undefined);
  t.equal(open().identity?.endsAt, keeper.identity?.endsAt, 'it is on the disk');
});

t.test('a clock that is years off is set by the pinned CA’s server, then dates are looked at', async (t) => {
  for (const years of [-20, 30]) {
    const clock: Clock = { ...systemClock, now: () => Date.now() + years * 365 * 86_400_000 };
    const { gateway, learned, open } = await rig(t, { clock });
    const keeper = open();
    const answer = await keeper.request({ method: 'PUT', path: gatewayPaths.snapshot, body: Buffer.from('x') });
    t.equal(answer.status, 200);
    t.equal(learned.length, 1);
    t.ok(Math.abs((learned[0] ?? 0) + years * 365 * 86_400_000) < 60_000);
    t.ok(gateway.requests.includes(`GET ${gatewayPaths.time}`));
  }
});

t.test('a wrong clock is no way in for a certificate that is over', async (t) => {
  const { gateway, open } = await rig(t);
  const keeper = open();
  const dates = { from: Date.now() - 3 * 86_400_000, to: Date.now() - 86_400_000 };
  gateway.server.setSecureContext(await gateway.serverCredentials(['127.0.0.1'], dates));
  const request = keeper.request({ method: 'GET', path: gatewayPaths.snapshot });
  await t.rejects(request, { code: 'link_refused', context: { fault: 'dates' } });
});

t.test('the list of CAs is followed, and a certificate of the old CA is renewed soon', async (t) => {
  const clock = new ManualClock(Date.now());
  const { gateway, open } = await rig(t, { clock });
  const keeper = open();
  keeper.start();
  keeper.noteTrustVersion('one');
  t.notOk(gateway.requests.filter((one) => one === `GET ${gatewayPaths.trust}`).length > 1);
  const next = await makeCa('Next CA');
  const old = gateway.ca.certificate;
  gateway.trust = { version: 'two', certificates: [next.certificate, old] };
  keeper.noteTrustVersion('two');
  await until(clock, 10, () => keeper.identity?.trust.version === 'two');
  t.match(open().identity?.trust.certificates, [next.certificate, old]);
  await until(clock, 1_000, () => gateway.requests.includes(`POST ${gatewayPaths.renew}`));
});

t.test('refused: asked why once, said plainly, then left alone for minutes', async (t) => {
  const clock = new ManualClock(Date.now());
  const { gateway, faults, open, files } = await rig(t, { clock });
  const keeper = open();
  gateway.revoked = true;
  const dropping = tls.createServer(await gateway.serverCredentials(['127.0.0.1']), (socket: Socket) =>
    socket.destroy(),
  );
  await new Promise<void>((resolve) => dropping.listen(0, '127.0.0.1', resolve));
  t.teardown(() => dropping.close());
  const { port } = dropping.address() as { port: number };
  const transport = new CertificateTransport({ url: `mqtts://127.0.0.1:${port}`, unitId: testUnitId, keeper });
  const connect = () =>
    transport.connect({
      ...{ will: { topic: 'a', payload: 'b' }, subscribe: 'c', signal },
      ...{ onMessage: () => {}, onClose: () => {} },
    });
  await t.rejects(connect(), { code: 'link_refused', message: /revoked/ });
  t.match(keeper.refusal, { code: 'certificate_revoked' });
  const asked = gateway.requests.length;
  await t.rejects(connect(), { code: 'link_refused', message: /revoked/ });
  t.equal(gateway.requests.length, asked, 'not dialled again');
  t.same(faults, ['identity_refused']);
  await clock.advance(400_000);
  gateway.revoked = 'replaced';
  await t.rejects(connect(), { message: /another box took this unit’s place/ });
  t.ok(gateway.requests.length > asked);
  gateway.code = gateway.makeCode();
  const code = parseEnrolmentCode(gateway.code);
  if (!code) throw new Error('no code');
  await enrolUnit({ files, code, gateway: gateway.url, software: 'test', anew: true, clock: systemClock });
  keeper.reload();
  t.equal(keeper.refusal, undefined);
});

t.test('over: it says since when and how to go on; damaged: it does not dial', async (t) => {
  const laterMs = 91 * 86_400_000;
  const clock = new ManualClock(Date.now() + laterMs);
  const { dataDir, gateway, open } = await rig(t, { clock });
  const keeper = open();
  gateway.offsetMs = laterMs;
  const dates = { from: clock.now() - 60_000, to: clock.now() + laterMs };
  gateway.server.setSecureContext(await gateway.serverCredentials(['127.0.0.1'], dates));
  const error = await keeper.explain(new HubError('link_refused', 'no'), signal);
  t.match(error, { message: /certificate ended on \d{4}-/, hint: /hub enrol/ });
  rmSync(path.join(dataDir, 'identity/key.pem'));
  const damaged = open();
  await t.rejects(async () => damaged.dial({ host: '127.0.0.1', port: 1 }), {
    code: 'link_refused',
    message: /key\.pem/,
  });
});

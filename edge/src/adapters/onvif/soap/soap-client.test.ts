import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { SignInGuard } from '../sign-in-guard.js';
import type { HttpExchange } from './http-exchange.js';
import { SoapClient } from './soap-client.js';

const toleranceMs = 5_000;
const soap = (body: string) =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>${body}</s:Body></s:Envelope>`;
const refusal = soap(
  '<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>Sender not authorized</s:Text></s:Reason></s:Fault>',
);

/** A camera that takes tokens of its own time, and a way there that takes as long as it is set to. */
const rig = (password = 'right') => {
  const clock = new ManualClock();
  const guard = new SignInGuard(clock, 600_000);
  const way = { delaysMs: [] as number[], accepted: 'right', sent: 0 };
  const exchange: HttpExchange = async (_url, { body = '' }) => {
    way.sent++;
    const created = Date.parse(/<Created[^>]*>([^<]*)</.exec(body)?.[1] ?? '');
    await clock.advance(way.delaysMs.shift() ?? 0);
    const isRight = password === way.accepted && clock.now() - created <= toleranceMs;
    return { status: isRight ? 200 : 400, rawHeaders: [], body: Buffer.from(isRight ? soap('<Done/>') : refusal) };
  };
  const client = new SoapClient({
    ...{ credentials: { username: 'admin', password }, timeoutMs: 30_000, clock, guard, exchange },
    hasClockMoved: async () => false,
  });
  const ask = () =>
    client.request({
      url: new URL('http://camera/onvif/device_service'),
      action: 'http://www.onvif.org/ver10/device/wsdl/GetDeviceInformation',
      body: '<GetDeviceInformation/>',
      signal: new AbortController().signal,
    });
  return { way, guard, ask };
};

t.test('a token that was too long on its way is sent anew: the account is not held back for it', async (t) => {
  const { way, guard, ask } = rig();
  await ask();
  way.delaysMs.push(6_000);
  await ask();
  t.notOk(guard.isBlocked);
  t.equal(way.sent, 3);
});

t.test('a password that changed is tried once where the answer was quick', async (t) => {
  const { way, guard, ask } = rig();
  await ask();
  way.accepted = 'another';
  await t.rejects(ask(), { code: 'unauthenticated' });
  t.equal(way.sent, 2);
  t.ok(guard.isBlocked);
});

t.test('an account that was never accepted has one try, however slow the camera', async (t) => {
  const { way, ask } = rig('wrong');
  way.delaysMs.push(3_000);
  await t.rejects(ask(), { code: 'unauthenticated' });
  t.equal(way.sent, 1);
});

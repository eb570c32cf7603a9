import { uuidv7 } from '@hallhub/shared';
import { liveJson } from '@hallhub/shared/vision';
import t from 'tap';
import { LiveTickets, ticketLifeMs } from './live-ticket.js';
import { bytes, openTestVideo } from './test-video.js';

t.setTimeout(300_000);

t.test('from a unit to a browser', async (t) => {
  const { cloud, deviceId, told, watch, feed } = await openTestVideo(t);
  const observer = await cloud.signInAs('observer');
  const ask = (body: object) => observer.post('/video/watch', body);
  const early = feed();
  await t.rejects(early.answer, { code: 'conflict' }, 'nobody looks');
  const { status, body } = await ask({ deviceIds: [deviceId] });
  t.equal(status, 201);
  const screen = watch(`${body.path}?ticket=${encodeURIComponent(body.ticket)}`);
  await screen.until(() => screen.seen.includes('0 state asking'));
  t.match(told, [{ topic: `hh/1/u/${cloud.unit.unitId}/down/live`, message: { deviceId, leaseMs: 15_000 } }]);
  const stream = feed();
  await stream.write(liveJson('describe', { v: 1, stream: 's', codec: 'avc1.42e01e', width: 640, height: 360 }));
  await stream.write({ kind: 'init', payload: bytes(800) });
  await stream.write({ kind: 'key', payload: bytes(100_000) });
  await stream.write({ kind: 'more', payload: bytes(10_000) });
  await screen.until(() => screen.seen.includes('0 more'));
  t.same(screen.seen, ['0 state asking', '0 describe', '0 init', '0 state live', '0 key', '0 more']);
  t.match(await cloud.auditRows('camera.watched'), [{ targetId: deviceId, hallId: cloud.hallId }]);

  const renewed = (await ask({ deviceIds: [deviceId], renew: body.ticket })).body;
  t.equal((await cloud.auditRows('camera.watched')).length, 1, 'going on is not said again');
  const tickets = new LiveTickets('test-secret-of-32-characters-or-more');
  const ofAnHour = { ...tickets.read(renewed.ticket)!, since: cloud.clock.now() - 3_600_000 };
  await ask({ deviceIds: [deviceId], renew: tickets.issue(ofAnHour) });
  t.equal((await cloud.auditRows('camera.watched')).length, 2, 'but once an hour');
  screen.socket.send(renewed.ticket);
  await stream.end();
  t.equal((await stream.answer).status, 204);
  await screen.until(() => screen.seen.at(-1) === '0 state asking');
  await cloud.clock.advance(ticketLifeMs + 1_000);
  await screen.until(() => screen.ended() !== undefined);
  t.equal(screen.ended(), 4_001, 'nobody looks longer than the ticket');
});

t.test('who may not', async (t) => {
  const { cloud, deviceId, watch, feed } = await openTestVideo(t);
  const owner = await cloud.signInAs('owner');
  const foreign = await cloud.signInAs('owner', { tenant: 'other' });
  const elsewhere = await cloud.signInAs('observer', { hallIds: [cloud.otherHallId] });
  t.equal((await foreign.post('/video/watch', { deviceIds: [deviceId] })).status, 404);
  t.equal((await elsewhere.post('/video/watch', { deviceIds: [deviceId] })).status, 404);
  t.equal((await owner.post('/video/watch', { deviceIds: [uuidv7()] })).status, 404);
  t.equal((await owner.post('/video/watch', { deviceIds: Array(10).fill(deviceId) })).status, 400);
  t.equal((await cloud.auditRows('camera.watched')).length, 0);
  const { body } = await owner.post('/video/watch', { deviceIds: [deviceId] });
  const [payload, signature] = body.ticket.split('.');
  const forged = `${Buffer.from(Buffer.from(payload, 'base64url').toString().replace(deviceId, uuidv7())).toString('base64url')}.${signature}`;
  for (const ticket of ['', 'x.y', forged, `${body.ticket}x`]) {
    const screen = watch(`${body.path}?ticket=${encodeURIComponent(ticket)}`);
    await screen.until(() => screen.ended() !== undefined);
    t.equal(screen.ended(), 1_006, 'refused before it is a socket');
  }
  const elsewhereOnly = watch('/api/v1/live?ticket=x');
  await elsewhereOnly.until(() => elsewhereOnly.ended() !== undefined);
  const screen = watch(`${body.path}?ticket=${body.ticket}`);
  await screen.until(() => screen.seen.length > 0);
  await t.rejects(feed({ unitId: uuidv7() }).answer, { code: 'not_found' }, 'another unit’s camera');
  const noise = feed();
  await noise.write({ kind: 'init', payload: bytes(9 * 1024 * 1024) }).catch(() => undefined);
  await t.rejects(noise.answer, { code: 'invalid_input' });
  screen.socket.send('not a ticket');
  await screen.until(() => screen.ended() !== undefined);
  t.equal(screen.ended(), 4_003);
  const paid = (await owner.post('/video/watch', { deviceIds: [deviceId], despiteMetered: true })).body;
  const payer = watch(`${paid.path}?ticket=${paid.ticket}`);
  await payer.until(() => payer.seen.length > 0);
  payer.socket.send((await owner.post('/video/watch', { deviceIds: [deviceId] })).body.ticket);
  await payer.until(() => payer.ended() !== undefined);
  t.equal(payer.ended(), 4_003, 'whoever may not pay any more does not go on paying');
  const late = await owner.post('/video/watch', { deviceIds: [deviceId] });
  await cloud.clock.advance(ticketLifeMs);
  const tooLate = watch(`${late.body.path}?ticket=${late.body.ticket}`);
  await tooLate.until(() => tooLate.ended() !== undefined);
  t.equal(tooLate.ended(), 1_006);
});

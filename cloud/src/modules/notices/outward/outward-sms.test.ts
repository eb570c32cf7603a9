import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { MetricsRegistry } from '../../../http/metrics.js';
import { NoticeSender } from './notice-sender.js';
import { settleOld } from './outward-jobs.js';
import { OutwardMetrics } from './outward-metrics.js';
import { signMessage } from './signed-message.js';
import { bringUpOutward, publicUrl } from './testing.js';
import { receiver } from './testing-peers.js';

const minute = 60_000;
const hour = 60 * minute;

t.test('short messages reach the requester; receipts are counted, repeated ones and strangers’ not', async (t) => {
  const { cloud, owner, ctx, log, flush, deps, fresh } = await bringUpOutward(t);
  let answer: object = { result: 'accepted', ref: 'p-1' };
  const { got, url } = await receiver(t, () => ({ status: 200, body: JSON.stringify(answer) }));
  const config = { url, quiet: { from: '00:00', to: '00:00' }, templates: { 'citizen_request.received': 'T-88' } };
  const { body } = await owner.post('/notice-channels', { kind: 'sms', name: '短信', config });
  const made = await cloud.make(ctx);
  await flush();
  new Webhook(body.secret).verify(got[0]?.body ?? '', got[0]?.headers as Record<string, string>);
  const asked = JSON.parse(got[0]?.body ?? '');
  t.match(asked, { v: 1, to: '+8613812348000', template: 'T-88', params: { number: made.number } });
  t.match(asked.text, /已受理/);
  t.match(asked.text, `${publicUrl}/p/`);
  const [row] = await log();
  t.match(row, { id: asked.id, state: 'sent', to: { shown: '138****8000' }, addressee: 'requester' });
  const all = await cloud.rows('SELECT * FROM notice_deliveries');
  t.notMatch(JSON.stringify(all), '13812348000', 'the number is written nowhere');

  const post = (said: object, { secret = body.secret, atMs = cloud.clock.now() } = {}) => {
    const text = JSON.stringify(said);
    const headers = { ...signMessage([secret], { id: 'r-1', atMs, body: text }), 'content-type': 'application/json' };
    return cloud.app.request(body.channel.receiptsPath, { method: 'POST', body: text, headers });
  };
  const receipts = { v: 1, receipts: [{ id: asked.id, state: 'failed', code: 'unreachable' }] };
  t.equal((await post(receipts, { secret: 'whsec_MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw' })).status, 401);
  t.equal((await post(receipts, { atMs: cloud.clock.now() - hour })).status, 401, 'an old one is not taken again');
  t.match(await (await post(receipts)).json(), { failed: 1 });
  t.match(await (await post(receipts)).json(), { failed: 0, repeated: 1 });
  t.match((await log())[0], { state: 'failed', code: 'receipt_unreachable' });
  const late = {
    v: 1,
    receipts: [
      { id: asked.id, state: 'delivered' },
      { id: cloud.hallId, state: 'delivered' },
    ],
  };
  t.match(await (await post(late)).json(), { delivered: 1, strange: 1 });
  t.match(await (await post({ v: 1, receipts: [{ id: asked.id, state: 'failed' }] })).json(), { repeated: 1 });
  t.match((await owner.get('/notice-channels')).body.items[0].day, { sent: 1, delivered: 1, failed: 0 });

  answer = { result: 'refused', code: 'invalid_number', detail: 'no such number 13812348000' };
  await cloud.make(ctx);
  await flush();
  t.match((await log())[0], { state: 'failed', code: 'invalid_number', detail: 'no such number ***' });
  answer = { result: 'accepted' };
  await cloud.make(ctx);
  await flush();
  cloud.clock.advance(73 * hour);
  await fresh();
  await settleOld(deps);
  t.match((await log())[0], { state: 'unknown', code: 'no_receipt' });
  for (let i = 0; i < 2; i++) t.equal((await post({ v: 1, optOuts: [{ to: '13812348000' }] })).status, 200);
  t.match(await cloud.auditRows('contact.unsubscribed'), [{ after: { to: '138****8000' } }], 'once in the trail');
  await cloud.make(ctx);
  await flush();
  t.match((await log())[0], { state: 'skipped', code: 'opted_out' });
});

t.test('a number counts once its owner said the code; quiet hours hold all but that', async (t) => {
  const { cloud, owner, worker, ctx, log, flush } = await bringUpOutward(t);
  const { got, url } = await receiver(t, () => ({ status: 200, body: '{"result":"accepted"}' }));
  t.match(await worker.post('/me/contact/phone', { phone: '13900001111' }), { status: 409 });
  // From a minute ago for an hour, on the wall of Shanghai.
  const wall = (ms: number) => new Date(cloud.clock.now() + 8 * hour + ms).toISOString().slice(11, 16);
  const quiet = { from: wall(-minute), to: wall(hour) };
  await owner.post('/notice-channels', { kind: 'sms', name: '短信', config: { url, quiet } });
  await cloud.make(ctx);
  await flush();
  const [held] = await log();
  t.match(held, { state: 'waiting', code: 'quiet_hours' });
  t.equal(Date.parse(held.nextAt), Math.floor((cloud.clock.now() + hour) / minute) * minute, 'until they are over');
  t.match((await worker.post('/me/contact/phone', { phone: '13900001111' })).body, {
    phone: null,
    pending: { shown: '139****1111' },
  });
  await flush();
  const code = /\d{6}/.exec(JSON.parse(got[0]?.body ?? '{}').text)?.[0] ?? '';
  const kept = await cloud.rows('SELECT * FROM notice_deliveries');
  t.notMatch(JSON.stringify(kept), code, 'the code stands nowhere');
  const wrong = code === '000000' ? '000001' : '000000';
  t.match(await worker.post('/me/contact/phone/verify', { code: wrong }), {
    status: 409,
    body: { context: { reason: 'wrong_code' } },
  });
  t.match((await worker.post('/me/contact/phone/verify', { code })).body, {
    phone: { shown: '139****1111' },
    pending: null,
  });
  t.match(await worker.post('/me/contact/phone/verify', { code }), { status: 409 });
  cloud.clock.advance(hour);
  await flush();
  t.equal(got.length, 2, 'quiet hours are over');

  const all = await Promise.all(
    [...'123456789'].map((n) => owner.post('/me/contact/phone', { phone: `1390000000${n}` })),
  );
  const count = (status: number) => all.filter((one) => one.status === status).length;
  t.same([count(200), count(429)], [5, 4], 'so many codes a day, also where all are asked for at once');
});

t.test(
  'two processes never both send, and one that is killed while sending leaves one repeat with the same id',
  async (t) => {
    const { cloud, owner, deps, ctx, flush } = await bringUpOutward(t);
    const { got, url } = await receiver(t, () => ({ status: 200, body: '{"result":"accepted"}' }));
    await owner.post('/notice-channels', {
      kind: 'sms',
      name: '短信',
      config: { url, quiet: { from: '00:00', to: '00:00' } },
    });
    const second = new NoticeSender(deps, new OutwardMetrics(new MetricsRegistry()), { random: () => 0 });
    t.teardown(() => second.close());
    for (let i = 0; i < 12; i++) await cloud.make(ctx);
    second.wake();
    await Promise.all([flush(), second.settled()]);
    const ids = got.map(({ body }) => JSON.parse(body).id);
    t.equal(ids.length, 12);
    t.equal(new Set(ids).size, 12);
    // As a kill between the answer and the note leaves it: sent, and still leased to nobody who lives.
    await cloud.db.ownerPool.query(
      `UPDATE notice_deliveries SET state = 'waiting', next_at = $2, done_at = NULL, lease = gen_random_uuid(), leased_till = $3 WHERE id = $1`,
      [ids[0], new Date(cloud.clock.now()), new Date(cloud.clock.now() + 60_000)],
    );
    await flush();
    t.equal(got.length, 12, 'not while the lease holds');
    cloud.clock.advance(61_000);
    await flush();
    t.equal(got.length, 13);
    t.equal(JSON.parse(got[12]?.body ?? '').id, ids[0]);
  },
);

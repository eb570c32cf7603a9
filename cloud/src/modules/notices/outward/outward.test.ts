import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import t, { type Test } from 'tap';
import { withTenant } from '../../../db/index.js';
import { MetricsRegistry } from '../../../http/metrics.js';
import { NoticeSender } from './notice-sender.js';
import { settleOld } from './outward-jobs.js';
import { OutwardMetrics } from './outward-metrics.js';
import { sendMail } from './send-mail.js';
import { signMessage } from './signed-message.js';
import { bringUpOutward, publicUrl } from './testing.js';

const minute = 60_000;
const hour = 60 * minute;

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of others: answers what the test says. */
const receiver = async (
  t: Test,
  answer: (got: Got) => { status: number; body?: string; headers?: Record<string, string> },
) => {
  const got: Got[] = [];
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const one = { headers: request.headers, body: Buffer.concat(parts).toString() };
      got.push(one);
      const { status, body = '', headers = {} } = answer(one);
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => server.close(resolve)));
  t.teardown(() => server.closeAllConnections());
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
};

/** The SMTP server of nodemailer’s house: of others, in this process, and it says what the test wants at each command. */
const mailServer = async (
  t: Test,
  refuse: (to: string) => { code: number; text: string } | undefined = () => undefined,
) => {
  const mails: { to: string; raw: string }[] = [];
  const server = new SMTPServer({
    ...{ authOptional: false, disabledCommands: ['STARTTLS'], allowInsecureAuth: true, logger: false },
    onAuth: ({ username, password }, _session, done) =>
      username === 'hall' && password === 'mail-password'
        ? done(null, { user: 'hall' })
        : done(Object.assign(new Error('wrong password'), { responseCode: 535 })),
    onRcptTo: ({ address }, _session, done) => {
      const refused = refuse(address);
      done(refused ? Object.assign(new Error(refused.text), { responseCode: refused.code }) : null);
    },
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo[0]?.address ?? '', raw: Buffer.concat(parts).toString() });
        done(null, 'queued as 4711');
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  const config = {
    host: '127.0.0.1',
    port,
    tls: 'none',
    user: 'hall',
    from: 'hub@example.org',
    fromName: '演示营业厅',
  };
  return { mails, config };
};

/** Quoted-printable, as far as these mails use it. */
const decoded = (raw: string): string =>
  decodeURIComponent(
    raw
      .replace(/=\r?\n/g, '')
      .replace(/%/g, '%25')
      .replace(/=([0-9A-F]{2})/g, '%$1'),
  );

t.test('a notice goes by mail: once, without personal data, and its end is respected', async (t) => {
  const { cloud, owner, worker, given, log, flush, deps } = await bringUpOutward(t);
  const { mails, config } = await mailServer(t);
  const made = await owner.post('/notice-channels', { kind: 'email', name: '邮箱', config, password: 'mail-password' });
  t.equal(made.status, 201);
  t.notMatch(JSON.stringify(made.body), 'mail-password');
  t.match(await owner.post('/notice-channels', { kind: 'email', name: '二', config }), { status: 409 });
  const ticket = await given();
  await flush();
  t.equal(mails.length, 1);
  const mail = decoded(mails[0]?.raw ?? '');
  t.equal(mails[0]?.to, 'worker@example.org');
  t.match(mail, `${publicUrl}/tickets/${ticket.id}`);
  t.match(mail, '待签收');
  t.notMatch(mail, /张三丰|13812348000/);
  t.match(mail, /Auto-Submitted: auto-generated/i);
  const [row] = await log();
  t.match(row, { state: 'sent', channel: 'email', to: { shown: 'w***@example.org' }, attempts: 1 });
  t.match(mail, `Message-ID: <${row.id}@example.org>`);
  t.match((await owner.get('/notice-channels')).body.items[0], { state: 'working', day: { sent: 1, failed: 0 } });
  const lines = (await owner.get(`/tickets/${ticket.id}/notices`)).body;
  t.match(lines.items.map((one: { channel: string }) => one.channel).sort(), ['email', 'in_app']);
  t.same(lines.channels, ['email']);
  // The list’s own end, as mail programs press it.
  const path = new URL(/https:\/\/hall\.example\.org(\/unsubscribe\/[^>"\s]+)/.exec(mail)?.[0] ?? '').pathname;
  t.equal((await cloud.app.request(path)).status, 200);
  t.match((await worker.get('/me/contact')).body.prefs.email, { on: true }, 'who only looks ends nothing');
  t.equal((await cloud.app.request(`${path}x`, { method: 'POST' })).status, 404);
  t.equal((await cloud.app.request(path, { method: 'POST' })).status, 200);
  t.match((await worker.get('/me/contact')).body.prefs.email, { on: false });
  await given();
  await flush();
  t.equal(mails.length, 1, 'no more mails');

  // The port for other modules: once for a key, threaded.
  const put = () =>
    withTenant(deps.database, { tenantId: cloud.tenantId }, (tx) =>
      sendMail(tx, deps, cloud.tenantId, {
        ...{
          to: 'citizen@example.net',
          subject: '收到',
          text: '编号 1\n<b>',
          inReplyTo: '<a@b>',
          idempotencyKey: 'k1',
        },
      }),
    );
  const queued = await put();
  t.equal(await put(), undefined);
  await flush();
  t.equal(mails.length, 2);
  t.match(mails[1]?.raw, `Message-ID: ${queued?.messageId}`);
  t.match(mails[1]?.raw, /In-Reply-To: <a@b>/);
  t.match(decoded(mails[1]?.raw ?? ''), '&lt;b&gt;', 'what others wrote is no HTML');
  const [kept] = await cloud.rows<{ body: Buffer | null }>('SELECT body FROM notice_deliveries WHERE id = $1', [
    queued?.deliveryId,
  ]);
  t.equal(kept?.body, null, 'what was sealed goes once it is sent');
  await t.rejects(
    withTenant(deps.database, { tenantId: cloud.tenantId }, (tx) =>
      sendMail(tx, deps, cloud.tenantId, { to: 'a@b\r\nBcc: c@d', subject: '', text: '', idempotencyKey: 'k2' }),
    ),
    { code: 'invalid_input' },
  );
});

t.test('greylisting is waited for, a refusal is final, a wrong password stops nothing for ever', async (t) => {
  const { cloud, owner, given, log, flush } = await bringUpOutward(t);
  let answer: { code: number; text: string } | undefined = { code: 451, text: 'greylisted, come again' };
  const { mails, config } = await mailServer(t, () => answer);
  const { body } = await owner.post('/notice-channels', { kind: 'email', name: '邮箱', config, password: 'wrong' });
  await given();
  await flush();
  t.match(await log(), [{ state: 'waiting', code: 'auth', attempts: 1 }]);
  const [failing] = (await owner.get('/notice-channels')).body.items;
  t.match(failing, { state: 'failing', lastCode: 'auth', waiting: 1 });
  const fixed = await owner.patch(
    `/notice-channels/${body.channel.id}`,
    { password: 'mail-password' },
    failing.version,
  );
  t.equal(fixed.status, 200);
  cloud.clock.advance(2 * minute);
  await flush();
  t.match(await log(), [{ state: 'waiting', code: 'deferred', attempts: 2 }]);
  answer = undefined;
  cloud.clock.advance(6 * minute);
  await flush();
  t.match(await log(), [{ state: 'sent', attempts: 3, code: null }]);
  t.equal(mails.length, 1);
  answer = { code: 550, text: 'no such user here' };
  await given();
  await flush();
  const [refused] = await log();
  t.match(refused, { state: 'failed', code: 'refused', detail: /no such user/ });
  t.match(
    (await owner.get('/notice-channels')).body.items[0],
    { state: 'working' },
    'that is the addressee’s, not the account’s',
  );
  answer = undefined;
  t.match((await owner.post(`/notice-deliveries/${refused.id}/replay`)).body, { state: 'waiting' });
  await flush();
  t.match((await log())[0], { state: 'sent' });
  t.equal((await owner.post(`/notice-deliveries/${refused.id}/replay`)).status, 409);
});

t.test('a flood becomes a few mails and one summary', async (t) => {
  const { cloud, owner, ctx, given, log, flush, fresh } = await bringUpOutward(t);
  const { mails, config } = await mailServer(t);
  await owner.post('/notice-channels', {
    ...{ kind: 'email', name: '邮箱', password: 'mail-password', config: { ...config, perPersonHourly: 2 } },
  });
  const made = await given();
  for (let i = 0; i < 6; i++) {
    cloud.clock.advance(1_000);
    await cloud.act(ctx, made.id, { do: 'remind', opinion: `催 ${i}` });
  }
  await flush();
  t.equal(mails.length, 2);
  t.equal((await log('code=held')).length, 5);
  cloud.clock.advance(hour + minute);
  await flush();
  t.equal(mails.length, 3);
  t.equal(decoded(mails[2]?.raw ?? '').split('催办').length - 1 >= 5, true, 'all five within one');
  await fresh();
  t.equal((await log('state=digested')).length, 4);
  t.equal((await log('state=waiting')).length, 0);
});

t.test(
  'webhooks are what the specification’s own library verifies; both secrets sign; days of failure end them',
  async (t) => {
    const { cloud, owner, given, log, flush, fresh } = await bringUpOutward(t);
    let status = 200;
    const { got, url } = await receiver(t, () => ({ status, headers: { location: 'http://127.0.0.1:1/' } }));
    const { body } = await owner.post('/notice-channels', { kind: 'webhook', name: '钩子', config: { url } });
    const { id } = body.channel;
    const ticket = await given();
    await flush();
    const [first] = got;
    const payload = new Webhook(body.secret).verify(first?.body ?? '', first?.headers as Record<string, string>);
    t.match(payload, { type: 'ticket.notice', data: { ticketId: ticket.id, notice: 'given', number: ticket.number } });
    t.notMatch(first?.body, /张三丰|13812348000/);
    t.match(await log(), [{ state: 'delivered', addressee: 'endpoint' }]);

    const renewed = (await owner.post(`/notice-channels/${id}/secret`)).body;
    t.match(await owner.post(`/notice-channels/${id}/test`, {}), { status: 200, body: { ok: true } });
    const [tested] = got.slice(-1);
    for (const secret of [body.secret, renewed.secret])
      t.doesNotThrow(() => new Webhook(secret).verify(tested?.body ?? '', tested?.headers as Record<string, string>));
    cloud.clock.advance(25 * hour);
    const again = await fresh();
    await again.post(`/notice-channels/${id}/test`, {});
    const headers = got.at(-1)?.headers as Record<string, string>;
    t.equal(headers['webhook-signature']?.split(' ').length, 1, 'a day later the old one no more');

    status = 302;
    t.match((await again.post(`/notice-channels/${id}/test`, {})).body, { ok: false, code: 'redirect' });
    status = 500;
    await given();
    await flush();
    const ids = new Set<string>();
    for (const waitMs of [6_000, 6 * minute, hour, 3 * hour, 6 * hour, 12 * hour, 15 * hour, 21 * hour, 25 * hour]) {
      ids.add(String(got.at(-1)?.headers['webhook-id']));
      cloud.clock.advance(waitMs);
      await flush();
    }
    t.equal(ids.size, 1, 'each try bears the same id');
    const boss = await fresh();
    const [off] = (await boss.get('/notice-channels')).body.items;
    t.match(off, { state: 'gave_up', enabled: false, lastCode: 'refused' });
    const told = await cloud.rows<{ person_id: string }>(
      `SELECT person_id FROM notices WHERE rule = 'channel_gave_up'`,
    );
    t.ok(
      told.some(({ person_id }) => person_id === owner.userId),
      'owners are told',
    );
    t.equal((await boss.patch(`/notice-channels/${id}`, { enabled: true }, off.version)).body.state, 'working');
  },
);

t.test('nobody’s private network is called unless the installation says so', async (t) => {
  const { owner } = await bringUpOutward(t, { allowPrivate: false });
  const { got, url } = await receiver(t, () => ({ status: 200 }));
  const { body } = await owner.post('/notice-channels', { kind: 'webhook', name: '钩子', config: { url } });
  const tested = await owner.post(`/notice-channels/${body.channel.id}/test`, {});
  t.match(tested.body, { ok: false, code: 'address' });
  t.equal(got.length, 0);
  const { config } = await mailServer(t);
  const mail = await owner.post('/notice-channels', { kind: 'email', name: '邮箱', config, password: 'mail-password' });
  const sent = await owner.post(`/notice-channels/${mail.body.channel.id}/test`, { to: 'a@example.org' });
  t.match(sent.body, { ok: false, code: 'address' });
});

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
  t.equal((await post({ v: 1, optOuts: [{ to: '13812348000' }] })).status, 200);
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

import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { insertAtOnce } from '../../../db/__fixtures__/insert-at-once.js';
import { bringUpOutward } from './testing.js';
import { mailServer, receiver } from './testing-peers.js';

const minute = 60_000;
const hour = 60 * minute;

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

t.test('twenty webhooks, however many are made at once', async (t) => {
  const { cloud, owner } = await bringUpOutward(t);
  await cloud.rows(
    `INSERT INTO notice_channels (id, tenant_id, kind, name, config) SELECT gen_random_uuid(), $1, 'webhook', '钩子 ' || i, '{}' FROM generate_series(1, 19) i`,
    [cloud.tenantId],
  );
  const config = { url: 'https://hooks.example.org/' };
  const make = (i: number) => owner.post('/notice-channels', { kind: 'webhook', name: `同时 ${i}`, config });
  const asks = [1, 2, 3].map((i) => () => make(i));
  const made = await insertAtOnce(cloud.db, { table: 'notice_channels', asks });
  t.same(made.map(({ status }) => status).sort(), [201, 409, 409]);
});

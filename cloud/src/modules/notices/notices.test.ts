import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { LiveEvent } from '../live/live-port.js';
import { registerTicketHook } from '../tickets/index.js';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { noticeHook, noticeRoutes } from './index.js';
import { fillNotice } from './notice-text.js';
import { unsubscribeLink } from './outward/public-links.js';
import { shortDetail } from './outward/sent.js';
import { bringUpOutward } from './outward/testing.js';

const setup = async (t: Test) => {
  const cloud = await bringUpTickets(t, { routes: () => noticeRoutes() });
  registerTicketHook(cloud.db, noticeHook);
  const owner = await cloud.signInAs('owner');
  const worker = await cloud.signInAs('ticket-handler');
  const other = await cloud.signInAs('ticket-handler');
  for (const office of [cloud.offices.reception, cloud.offices.dispatch, cloud.offices.visits])
    await cloud.join(office, [owner.userId]);
  await cloud.join(cloud.offices.works, [worker.userId, other.userId]);
  const ctx = await cloud.ctxOf(owner);
  const submit = async (id: string, action: string, more: object = {}) => {
    const task = (await owner.get(`/tickets/${id}`)).body.myTask.id as string;
    return cloud.act(ctx, id, { do: 'submit', task, action, fields: {}, ...more } as never);
  };
  const given = async () => {
    const made = await cloud.make(ctx);
    await submit(made.id, 'to_dispatch');
    await submit(made.id, 'dispatch', { to: [{ kind: 'office', id: cloud.offices.works }] });
    return made;
  };
  return { cloud, owner, worker, other, ctx, given };
};

t.test('whoever gets a ticket is told, once, and reads it', async (t) => {
  const { cloud, owner, worker, other, ctx, given } = await setup(t);
  const heard: LiveEvent[] = [];
  const unsubscribe = cloud.bus.subscribe(cloud.tenantId, (event) => void heard.push(event));
  t.teardown(unsubscribe);
  const made = await given();
  const [told] = heard.filter(({ type }) => type === 'notice.new');
  t.match(told, { data: {}, personIds: [worker.userId, other.userId] }, 'they alone, and nobody is named to them');
  const list = await worker.get('/me/notices');
  t.match(list.body.items, [
    { ticketId: made.id, rule: 'given', text: { zh: `${made.number} 路灯不亮 待签收` }, readAt: null },
  ]);
  t.match((await other.get('/me/notices/count')).body, { unread: 1 }, 'all of the office');
  t.match((await owner.get('/me/notices/count')).body, { unread: 0 }, 'nobody is told what they did');
  t.equal((await worker.post('/me/notices/read', { ids: [list.body.items[0].id] })).status, 204);
  t.match((await worker.get('/me/notices/count')).body, { unread: 0 });
  t.match((await other.get('/me/notices/count')).body, { unread: 1 }, 'each for themselves');
  t.same((await worker.get('/me/notices?unread=true')).body.items, []);

  await cloud.act(ctx, made.id, { do: 'remind', opinion: '请抓紧' });
  await cloud.act(ctx, made.id, { do: 'instruct', opinion: '今天解决' });
  const rules = (await worker.get('/me/notices?unread=true')).body.items.map(({ rule }: { rule: string }) => rule);
  t.same(rules.sort(), ['instructed', 'reminded']);
  t.equal((await worker.post('/me/notices/read', { ids: 'all' })).status, 204);
  t.match((await worker.get('/me/notices/count')).body, { unread: 0 });
  const [first] = (await worker.get('/me/notices?limit=1')).body.items;
  const page = await worker.get('/me/notices?limit=2');
  t.equal(page.body.items.length, 2);
  const next = await worker.get(`/me/notices?limit=2&cursor=${page.body.nextCursor}`);
  t.match(next.body, { items: [{ rule: 'given' }], nextCursor: null });
  t.not(next.body.items[0].id, first.id);
});

t.test('texts are filled in, and personal fields never', async (t) => {
  const kind = shippedKind('citizen_request');
  const facts = {
    number: 'SQ1',
    title: '路灯',
    kind,
    fields: { phone: '13800138000', nature: 'help', content: '坏了' },
  };
  t.same(fillNotice({ zh: '{number}{title}{nature}{content}{phone}{nobody}', en: '{nature}' }, facts), {
    zh: 'SQ1路灯求助坏了******',
    en: 'Help',
  });
  fc.assert(
    fc.property(
      fc.string(),
      (text) => !fillNotice({ zh: `${text}{phone}` }, facts).zh.includes('13800138000') || text.includes('13800138000'),
    ),
  );
});

t.test(
  'a password stays with its server, whoever ends mails is in the trail, and nobody reads an address in a refusal',
  async (t) => {
    const { cloud, owner, worker, deps } = await bringUpOutward(t);
    const config = { host: 'mail.example.org', port: 465, tls: 'implicit', user: 'hall', from: 'hall@example.org' };
    const made = await owner.post('/notice-channels', {
      kind: 'email',
      name: '邮箱',
      config,
      password: 'mail-password',
    });
    const path = `/notice-channels/${made.body.channel.id}`;
    const version = made.body.channel.version;
    for (const other of [{ host: 'mail.evil.example' }, { port: 25 }, { tls: 'none' }, { user: 'else' }]) {
      const moved = await owner.patch(path, { config: { ...config, ...other } }, version);
      t.match(moved, { status: 400, body: { errors: [{ path: 'body.password' }] } }, JSON.stringify(other));
    }
    const named = await owner.patch(path, { config: { ...config, fromName: '大厅' } }, version);
    t.match(named, { status: 200, body: { hasPassword: true } });
    const elsewhere = { config: { ...config, host: 'mail.other.example' }, password: 'another' };
    t.equal((await owner.patch(path, elsewhere, named.body.version)).status, 200);

    const link = new URL(unsubscribeLink(deps, worker.userId) ?? '').pathname;
    t.equal((await cloud.app.request(link, { method: 'POST' })).status, 200);
    const trail = await cloud.rows(`SELECT target_id FROM audit_entries WHERE action = 'contact.unsubscribed'`);
    t.same(trail, [{ target_id: worker.userId }]);

    t.equal(
      shortDetail('550 5.1.1 <zhang@example.org>: no\r\n such user'),
      '550 5.1.1 <z***@example.org>: no such user',
    );
    const before = process.cpuUsage();
    shortDetail('a'.repeat(200_000));
    t.ok(process.cpuUsage(before).user < 1_000_000, 'µs of the processor, however busy it is');
  },
);

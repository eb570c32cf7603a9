import pino from 'pino';
import t from 'tap';
import { folderBlobStore } from '../../../blobs/index.js';
import { createSealing } from '../../pki/sealing.js';
import { bringUpTickets, shippedKind } from '../../tickets/testing.js';
import { openIntake } from '../index.js';
import { createForm } from '../verbs/forms.js';

t.setTimeout(300_000);

const sealing = createSealing('x'.repeat(32));

const bringUpFronts = async (t: Parameters<typeof bringUpTickets>[0]) => {
  const site = await bringUpTickets(t, {
    kinds: [shippedKind('citizen_request')],
    routes: ({ db, clock, bus }) => {
      const log = pino({ level: 'silent' });
      const evidence = folderBlobStore('/nonexistent');
      const intake = openIntake({ database: db, clock, live: bus, log, sealing, evidence });
      t.teardown(() => intake.close());
      return [...intake.routes];
    },
  });
  await createForm(site.systemContext(), {
    ...{ slug: 'ask', kind: 'citizen_request', title: { zh: '我要反映' }, intro: null, hallId: site.hallId },
    ...{
      fields: ['title', 'content', 'nature', 'phone', 'category'],
      answers: ['reply'],
      enabled: true,
      source: 'web_form',
    },
  });
  const front = await site.signInAs('hall-manager', { hallIds: [site.hallId] });
  const post = async (path: string, body: object, by = front) => by.post(`/front-requests${path}`, body);
  return { site, front, post };
};

const said = (more: object = {}) => ({
  ...{ form: 'ask', source: 'wechat', origin: 'o/1', person: 'openid-1' },
  fields: { title: '路灯不亮', content: '三天了', nature: 'help', phone: '13800138000' },
  ...more,
});

t.test('a mini program asks for its people, who see, judge and take back their own', async (t) => {
  const { site, post } = await bringUpFronts(t);
  const first = await post('', said());
  t.match(first, { status: 201, body: { number: /^[A-Z]+\d+$/, pin: /^\w{8}$/, repeated: false } });
  const again = await post('', said());
  t.match(
    again,
    { body: { number: first.body.number, pin: first.body.pin, repeated: true } },
    'an answer that was lost',
  );
  const both = await Promise.all([post('', said({ origin: 'o/2' })), post('', said({ origin: 'o/2' }))]);
  t.equal(new Set(both.map(({ body }) => body.number)).size, 1, 'two at once are one');
  const rows = await site.rows<{ source: string; person: Buffer }>(
    'SELECT t.source, f.person FROM tickets t JOIN ticket_fronts f ON f.ticket_id = t.id ORDER BY t.id',
  );
  t.match(rows, [{ source: 'wechat' }, { source: 'wechat' }]);
  t.notOk(rows[0]?.person.includes('openid-1'), 'no person is kept as they are known there');
  t.match(await site.rows(`SELECT actor_kind FROM audit_entries WHERE action = 'ticket.sent_by_front'`), [{}, {}]);

  const mine = { source: 'wechat', person: 'openid-1' };
  const { number } = first.body;
  t.match((await post('/list', mine)).body, {
    items: [{ phase: 'new' }, { number, title: '路灯不亮', kind: { code: 'citizen_request' }, endedAt: null }],
  });
  t.match(await post(`/${number}/progress`, mine), {
    status: 200,
    body: { number, mayJudge: false, mayWithdraw: true },
  });
  t.equal((await post(`/${number}/visit`, { ...mine, satisfaction: 5 })).status, 409, 'nothing is asked yet');
  for (const other of [{ person: 'openid-2' }, { source: 'alipay' }]) {
    t.equal((await post(`/${number}/progress`, { ...mine, ...other })).status, 404);
    t.equal((await post(`/${number}/withdraw`, { ...mine, ...other, words: '不用了' })).status, 404);
    t.same((await post('/list', { ...mine, ...other })).body, { items: [] });
  }
  t.equal((await post(`/${number}/withdraw`, { ...mine, words: '已经修好' })).status, 204);
  t.match((await post(`/${number}/progress`, mine)).body, { mayWithdraw: false });
});

t.test('a program reaches its own halls, its organisation’s forms, and no further', async (t) => {
  const { site, post } = await bringUpFronts(t);
  const { body } = await post('', said());
  const far = await site.signInAs('hall-manager', { hallIds: [site.otherHallId] });
  t.equal((await post('', said({ origin: 'o/3' }), far)).status, 403, 'the form’s hall is not theirs');
  t.equal((await post('', said(), far)).status, 403, 'nor is a PIN got by an origin that was guessed');
  t.equal((await post(`/${body.number}/progress`, { source: 'wechat', person: 'openid-1' }, far)).status, 404);
  t.match(await site.rows('SELECT count(*)::int AS n FROM tickets'), [{ n: 1 }], 'what was refused left nothing');
  const bare = await site.signInAs('ticket-clerk');
  t.equal((await post('', said({ origin: 'o/4' }), bare)).status, 403);
  t.equal((await post('', said({ form: 'none' }))).status, 404);
  const bad = await post('', said({ origin: 'o/5', fields: { title: '', reply: '修好了', phone: '12' } }));
  t.match(bad, { status: 400 });
  t.match(JSON.stringify(bad.body), /content[\s\S]*reply|reply[\s\S]*content/, 'every fault at once');
  const kiosk = await post('', { ...said({ origin: 'k/1', source: 'kiosk' }), person: undefined });
  t.match(kiosk, { status: 201, body: { pin: /^\w{8}$/ } }, 'at a kiosk nobody is known');
  let answers = 0;
  for (let n = 0; n < 25; n++) if ((await post('', said({ origin: 'o/1' }))).status === 429) answers++;
  t.ok(answers > 0, 'and one person does not flood it');
});

t.test('whoever judges by a program is told how it stands, and what comes next', async (t) => {
  const { site, post } = await bringUpFronts(t);
  const owner = await site.signInAs('owner');
  await site.join(site.offices.reception, [owner.userId]);
  const ctx = await site.ctxOf(owner);
  const mine = { source: 'wechat', person: 'openid-1' };
  const judged = async (origin: string, satisfaction: number) => {
    const { body } = await post('', said({ origin, fields: { ...said().fields, nature: 'consult' } }));
    const [row] = await site.rows<{ task: string }>(
      `SELECT live_tasks #>> '{0,id}' AS task FROM tickets WHERE id = $1`,
      [body.ticketId],
    );
    const answered = {
      do: 'submit',
      task: row?.task ?? '',
      action: 'answered',
      fields: {},
      opinion: '已答复',
    } as const;
    await site.act(ctx, body.ticketId, answered);
    return post(`/${body.number}/visit`, { ...mine, satisfaction });
  };
  const again = {
    next: 'again',
    state: { zh: '待派遣' },
    phase: 'new',
    words: { zh: /不结案.+“待派遣”/, en: /goes on/ },
  };
  t.match(await judged('o/1', 1), { status: 200, body: again });
  t.match(await judged('o/2', 5), {
    status: 200,
    body: { next: 'closed', state: { zh: '已结案' }, words: { zh: /已结案/ } },
  });
});

t.test('a category that no tree has is refused, and so is one that was retired', async (t) => {
  const { site, post } = await bringUpFronts(t);
  await site.rows(`INSERT INTO category_trees (tenant_id, tree, label) VALUES ($1, 'matters', '{"zh":"事项"}')`, [
    site.tenantId,
  ]);
  await site.rows(
    `INSERT INTO categories (tenant_id, tree, code, parent, label, position, retired_at)
     SELECT $1, 'matters', x.code, x.parent, '{"zh":"分类"}', x.place, x.retired::timestamptz
     FROM (VALUES ('city', NULL, 0, NULL), ('lighting', 'city', 1, NULL), ('gas', 'city', 2, '2026-01-01')) AS x(code, parent, place, retired)`,
    [site.tenantId],
  );
  const ask = (category: readonly string[]) =>
    post('', said({ origin: category.join('/'), fields: { ...said().fields, category } }));
  for (const wrong of [['nowhere'], ['lighting'], ['city', 'gas'], ['city', 'lighting', 'lamp']]) {
    t.match(
      await ask(wrong),
      { status: 400, body: { errors: [{ path: 'body.fields.category', message: 'category' }] } },
      wrong.join('/'),
    );
  }
  for (const right of [['city'], ['city', 'lighting']]) t.equal((await ask(right)).status, 201, right.join('/'));
});

import { uuidv7 } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { registerTicketHook } from '../tickets/index.js';
import { bringUpTickets, request } from '../tickets/testing.js';
import { assistHook, takeLessons, ticketAssistRoutes } from './index.js';

const setup = async (t: Test) => {
  const cloud = await bringUpTickets(t, { routes: () => ticketAssistRoutes() });
  registerTicketHook(cloud.db, assistHook);
  const owner = await cloud.signInAs('owner');
  const { reception, dispatch, visits, works, greens } = cloud.offices;
  for (const office of [reception, dispatch, visits, works, greens]) await cloud.join(office, [owner.userId]);
  await cloud.rows(`INSERT INTO category_trees (tenant_id, tree, label) VALUES ($1, 'matters', '{"zh":"事项"}')`, [
    cloud.tenantId,
  ]);
  await cloud.db.ownerPool.query(
    `INSERT INTO categories (tenant_id, tree, code, position, label)
     VALUES ($1, 'matters', 'lighting', 0, '{"zh":"路灯","en":"Lamps"}'), ($1, 'matters', 'trees', 1, '{"zh":"绿化","en":"Trees"}')`,
    [cloud.tenantId],
  );
  const ctx = await cloud.ctxOf(owner);
  const make = (fields: object) => cloud.make(ctx, { fields: { ...request().fields, ...fields } as never });
  const task = async (id: string) => (await owner.get(`/tickets/${id}`)).body.myTask.id as string;
  const submit = async (id: string, action: string, more: object = {}) => {
    const taskId = await task(id);
    return cloud.act(ctx, id, { do: 'submit', task: taskId, action, fields: {}, ...more });
  };
  /** Made, solved by an office, answered, closed. */
  const close = async (fields: object, office: string, reply: string) => {
    const { id } = await make(fields);
    await submit(id, 'to_dispatch');
    await submit(id, 'dispatch', { to: [{ kind: 'office', id: office }] });
    await cloud.act(ctx, id, { do: 'sign', task: await task(id) });
    await submit(id, 'solved', { fields: { result: '已处理', reply } });
    await submit(id, 'pass');
    await submit(id, 'confirm', { fields: { reached: true, satisfaction: 5 } });
    return id;
  };
  const suggest = async (fields: object, more: object = {}) => {
    const body = { kind: 'citizen_request', fields, ...more };
    const { status, body: found } = await owner.post('/ticket-assist/suggest', body);
    t.equal(status, 200, JSON.stringify(found));
    return found;
  };
  const learn = () => takeLessons({ database: cloud.db, clock: cloud.clock });
  return { cloud, owner, ctx, make, close, suggest, learn };
};

t.test('what closed tickets teach is suggested, and forgotten when they are reopened', async (t) => {
  const { cloud, owner, ctx, close, suggest, learn } = await setup(t);
  const { works, greens } = cloud.offices;
  const lamps = [];
  for (const place of ['人民路', '解放路', '建设路'])
    lamps.push(
      await close({ title: '路灯不亮', content: `${place}路灯坏了`, category: ['lighting'] }, works, '已更换灯泡'),
    );
  for (const place of ['东湖', '西苑', '南园'])
    await close({ title: '树枝太长', content: `${place}树枝挡住窗户`, category: ['trees'] }, greens, '已修剪');
  t.same((await suggest({ title: '路灯又坏了' })).fields, [], 'nothing before the lesson');
  t.equal(await learn(), 6);
  const found = await suggest({ title: '路灯又坏了', content: '晚上漆黑' });
  const [category] = found.fields.find(({ field }: { field: string }) => field === 'category').suggestions;
  t.match(category, { value: ['lighting'], label: { zh: '路灯' }, learnedFrom: 3, because: [{ word: '路灯' }] });
  t.ok(category.confidence > 0.5, `${category.confidence}`);
  t.match(found.offices[0], { officeId: works, learnedFrom: 3 });
  t.match(found.answers[0], { answer: [{ text: '已处理' }, { field: 'reply', text: '已更换灯泡' }] });
  t.match((await owner.get('/ticket-assist')).body, {
    waiting: 0,
    purposes: [{ purpose: 'category:matters', tickets: 6 }],
  });

  for (const id of lamps) await cloud.act(ctx, id, { do: 'reopen', opinion: '又不亮了' });
  t.equal(await learn(), 3);
  t.same((await suggest({ title: '路灯又坏了' })).offices, [], 'reopened ones teach nothing');
  t.equal((await owner.post('/ticket-assist/retrain')).status, 204);
  t.equal(await learn(), 3);
  t.match((await owner.get('/ticket-assist')).body.purposes, [{ tickets: 3 }]);
  const { rows } = await cloud.db.ownerPool.query('SELECT 1 FROM assist_words WHERE tickets <= 0 OR word = $1', [
    '路灯',
  ]);
  t.same(rows, [], 'no trace is left');
});

t.test('on the first day the category’s office is suggested, before anything is learned', async (t) => {
  const { cloud, suggest } = await setup(t);
  const lamp = { title: '路灯又坏了', category: ['lighting'] };
  t.same((await suggest(lamp)).appointed, [], 'nobody looks after it');
  await cloud.db.ownerPool.query(
    `INSERT INTO office_categories (tenant_id, office_id, tree, code) VALUES ($1, $2, 'matters', 'lighting')`,
    [cloud.tenantId, cloud.offices.works],
  );
  await cloud.rows('UPDATE office_stamps SET stamp = $2 WHERE tenant_id = $1', [cloud.tenantId, uuidv7()]);
  const found = await suggest(lamp);
  t.same(found.appointed, [
    {
      ...{ officeId: cloud.offices.works, name: 'works处', field: 'category' },
      category: { zh: '路灯', en: 'Lamps' },
    },
  ]);
  t.same(found.offices, [], 'nothing is learned yet');
  for (const category of [undefined, ['trees'], ['nothing'], 'lighting', [7]])
    t.same((await suggest({ ...lamp, category })).appointed, [], JSON.stringify(category));
});

t.test('the same matter, the same event, only what the reader may see', async (t) => {
  const { cloud, owner, make, suggest } = await setup(t);
  const first = await make({});
  const { fields } = request();
  const alike = (found: { alike: { as: string; ticket: { id: string } }[] }) =>
    found.alike.map(({ as, ticket }) => [as, ticket.id]);
  t.same(alike(await suggest(fields)), [['duplicate', first.id]], 'the same number says the same again');
  t.same(alike(await suggest({ ...fields, phone: '13900001111' })), [['event', first.id]], 'a neighbour');
  t.same(alike(await suggest(fields, { ticketId: first.id })), [], 'itself is no duplicate');
  const far = { ...fields, phone: '13900001111', place: { text: '乡下', lon: 118.9, lat: 32.9 } };
  t.same(alike(await suggest(far)), [], 'the same words far away');
  const stranger = await cloud.signInAs('ticket-clerk', { hallIds: [cloud.hallId] });
  const seen = await stranger.post('/ticket-assist/suggest', { kind: 'citizen_request', fields });
  t.same([seen.status, seen.body.alike], [200, []], 'out of reach');
  t.match((await owner.get(`/ticket-assist/places?q=${encodeURIComponent('人民')}`)).body.items, [
    { text: '人民路80号', used: 1 },
  ]);
  t.same((await owner.get('/ticket-assist/places?q=%25')).body.items, [], 'a wildcard is a sign');
  const places = async () => (await stranger.get(`/ticket-assist/places?q=${encodeURIComponent('人民')}`)).body.items;
  t.same(await places(), [], 'an address of one ticket is not for who does not see it');
  await make({});
  await make({});
  t.match(await places(), [{ text: '人民路80号', used: 3 }]);
  const handler = await cloud.signInAs('ticket-handler');
  const tried = { kind: 'citizen_request', fields: { title: '别的事', phone: request().fields.phone } };
  t.same(
    (await handler.post('/ticket-assist/suggest', tried)).body.alike,
    [],
    'nobody finds a masked number by trying',
  );
  t.not((await owner.post('/ticket-assist/suggest', tried)).body.alike.length, 0);
});

t.test('words to be warned of, organisations, how many are affected', async (t) => {
  const { owner, suggest } = await setup(t);
  const words = [{ word: '集体上访', level: 'urgent', class: 'stability' }];
  t.equal((await owner.put('/ticket-assist/sensitive-words', { words })).status, 200);
  t.equal((await owner.put('/ticket-assist/sensitive-words', { words: [...words, ...words] })).status, 400);
  const unknown = [{ word: '甲', level: 'note', class: 'weather' }];
  t.equal((await owner.put('/ticket-assist/sensitive-words', { words: unknown })).status, 400);
  const bare = [...words, { word: '隔壁', level: 'note' }];
  t.match((await owner.put('/ticket-assist/sensitive-words', { words: bare })).body.words[1], { class: 'other' });
  t.equal((await owner.put('/ticket-assist/sensitive-words', { words })).status, 200);
  const test = async (body: object) => (await owner.post('/ticket-assist/sensitive-words/test', body)).body.hits;
  t.same(await test({ text: '要集体*上访' }), [{ ...words[0], from: 1, to: 6 }]);
  t.same(await test({ text: '要集体上访', words: [] }), [], 'by a list that is not saved');
  const found = await suggest({ content: '阳光花园物业停水，三百户居民要集体 上访' });
  t.match(found, {
    sensitive: [{ field: 'content', word: '集体上访', level: 'urgent', class: 'stability' }],
    against: [{ name: '阳光花园物业' }],
    scope: [{ of: 'households', count: 300 }],
  });
});

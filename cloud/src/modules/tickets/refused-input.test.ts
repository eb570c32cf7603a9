import t from 'tap';
import { type Database, withTenant } from '../../db/index.js';
import { testOrigin } from '../../http/testing.js';
import { actOnTicket } from './act-on-ticket.js';
import { eachTenant } from './clocks/note-clocks.js';
import { maskValue } from './store/seal-fields.js';
import { bringUpTickets, request, shippedKind } from './testing.js';

t.test('what is no id is refused, not a fault of ours', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  await cloud.join(cloud.offices.reception, [clerk.userId]);
  const { id, seq } = (await clerk.post('/tickets', request())).body;
  const { myTask } = (await clerk.get(`/tickets/${id}`)).body;
  for (const bad of ['x', '-'.repeat(36), 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF']) {
    const edit = { do: 'edit', task: myTask.id, fields: { files: [bad] } };
    t.equal((await clerk.post(`/tickets/${id}/acts`, edit, { 'if-match': `"${seq}"` })).status, 400, bad);
  }
});

t.test(
  'half of a character, as a cut text ends in, is no fault of ours and keeps no letter or message waiting',
  async (t) => {
    const cloud = await bringUpTickets(t);
    const clerk = await cloud.signInAs('ticket-clerk');
    const half = '灯\ud83d';
    const made = await clerk.post('/tickets', request({ fields: { ...request().fields, title: half } }));
    t.match(made, { status: 201, body: { title: '灯\ufffd' } });
    const ctx = cloud.systemContext();
    const { id, title } = await cloud.make(ctx, { fields: { ...request().fields, title: half } });
    t.equal(title, '灯\ufffd');
    const command = { do: 'comment', opinion: half } as const;
    await withTenant(ctx.db, ctx.actor, (tx) => actOnTicket(tx, ctx, { ticketId: id, command }));
    const { items } = (await clerk.get(`/tickets/${id}/history`)).body;
    t.match(items.at(-1), { type: 'commented', opinion: '灯\ufffd' });
    t.match(await clerk.post('/ticket-filters', { name: half, filter: { q: half } }), { status: 201 });
  },
);

t.test('nobody writes beforehand what later steps are there to write', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  for (const early of [{ satisfaction: 5 }, { result: '已办结' }]) {
    const made = await clerk.post('/tickets', request({ fields: { ...request().fields, ...early } }));
    t.match(made, { status: 409, body: { context: { refusal: 'fields_not_editable', fields: Object.keys(early) } } });
  }
  const byTelephone = { ...request(), source: 'hotline' };
  t.match(await clerk.post('/tickets', byTelephone), { status: 201, body: { source: 'hotline' } });
  t.equal((await clerk.post('/tickets', { ...byTelephone, source: 'alarm' })).status, 400, 'nor claims another source');
});

t.test('files of a personal field are for those with the right to them', async (t) => {
  const kind = shippedKind('citizen_request');
  const fields = kind.fields.map((field) => (field.key === 'files' ? { ...field, personal: true } : field));
  const cloud = await bringUpTickets(t, { kinds: [{ ...kind, fields }] });
  const clerk = await cloud.signInAs('ticket-clerk');
  const reader = await cloud.signInAs('ticket-handler');
  const { id } = (await clerk.post('/tickets', request())).body;
  const fileId = '01990000-0000-7000-8000-000000000001';
  await cloud.rows(
    `INSERT INTO ticket_files (id, tenant_id, ticket_id, field, name, media_type, size_bytes, sha256, made_at, made_by, made_by_name)
     VALUES ($1, $2, $3, 'files', '身份证.png', 'image/png', 9, 'ab', now(), 'system', '系统')`,
    [fileId, cloud.tenantId, id],
  );
  t.match((await clerk.get(`/tickets/${id}`)).body.files, [{ id: fileId }]);
  const page = await reader.get(`/tickets/${id}`);
  t.match(page, { status: 200, body: { files: [] } });
  t.equal((await reader.get(`/tickets/${id}/files/${fileId}`)).status, 404);
});

t.test('who is without reach since sees no more of what they once did something with', async (t) => {
  const cloud = await bringUpTickets(t);
  const dispatcher = await cloud.signInAs('ticket-dispatcher', { hallIds: [cloud.hallId] });
  const { id, seq } = await cloud.make(cloud.systemContext(), { hallId: cloud.hallId });
  const said = await dispatcher.post(
    `/tickets/${id}/acts`,
    { do: 'comment', opinion: '看过' },
    { 'if-match': `"${seq}"` },
  );
  t.equal(said.status, 200);
  t.match((await dispatcher.get('/tickets?view=handled')).body.items, [{ id }]);
  t.match((await dispatcher.get('/tickets/counts')).body, { handled: 1, done: 0 });
  await cloud.db.ownerPool.query('UPDATE role_grants SET hall_id = $2 WHERE user_id = $1', [
    ...[dispatcher.userId, cloud.otherHallId],
  ]);
  t.equal((await dispatcher.get(`/tickets/${id}`)).status, 404);
  for (const view of ['handled', 'done', 'todo', 'initiated', 'office', 'all']) {
    t.same((await dispatcher.get(`/tickets?view=${view}`)).body.items, [], view);
  }
  t.match((await dispatcher.get('/tickets/counts')).body, { handled: 0, done: 0 }, 'nor are they counted');
  await cloud.rows('UPDATE ticket_doers SET is_over = true');
  t.match((await dispatcher.get('/tickets/counts')).body, { handled: 0, done: 0 });
});

t.test('a file is saved under the name by which it opens, and is no page of ours', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  const { id } = (await clerk.post('/tickets', request())).body;
  const zipped = Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(40, 1)]);
  for (const [name, bytes] of [
    ['a.docx', zipped],
    ['a.zip', zipped],
    ['a.gif', Buffer.from('GIF89a..............')],
  ] as const) {
    const sent = await cloud.app.request(`${testOrigin}/api/v1/tickets/${id}/files?name=${name}`, {
      method: 'POST',
      headers: { cookie: clerk.cookie, origin: testOrigin, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes),
    });
    const { headers } = await clerk.get(`/tickets/${id}/files/${((await sent.json()) as { id: string }).id}`);
    t.match(headers.get('content-disposition'), new RegExp(`^attachment;.*''${name}$`));
    t.match(headers.get('content-security-policy'), /sandbox/);
  }
});

t.test('exported is what lies where one may export, not all that one may read', async (t) => {
  const cloud = await bringUpTickets(t);
  const manager = await cloud.signInAs('hall-manager', { hallIds: [cloud.hallId] });
  await cloud.join(cloud.offices.reception, [manager.userId]);
  const ctx = cloud.systemContext();
  const here = await cloud.make(ctx, { hallId: cloud.hallId });
  const there = await cloud.make(ctx, { hallId: cloud.otherHallId });
  const listed = (await manager.get('/tickets?view=todo')).body.items.map(({ id }: { id: string }) => id);
  t.same(listed.sort(), [here.id, there.id].sort());
  const answer = await cloud.app.request(`${testOrigin}/api/v1/tickets/export?view=todo&format=csv`, {
    headers: { cookie: manager.cookie },
  });
  const csv = await answer.text();
  t.match(csv, here.number);
  t.notMatch(csv, there.number);
});

t.test('an organisation whose clocks cannot be looked at stops no other', async (t) => {
  const seen: string[] = [];
  const deps = { database: undefined as unknown as Database, clock: undefined as never, live: undefined as never };
  const work = async ({ actor: { tenantId } }: { actor: { tenantId: string } }) => {
    seen.push(tenantId);
    if (tenantId === 'a') throw new RangeError('a is broken');
    return seen.length < 4 ? 1 : 0;
  };
  await t.rejects(eachTenant(deps, ['a', 'b', 'c'], { work: work as never }), { message: 'a is broken' });
  t.same(seen, ['a', 'b', 'b', 'b', 'c']);
});

t.test('of a short number no more is shown than a long one keeps', async (t) => {
  const phone = shippedKind('citizen_request').fields.find(({ key }) => key === 'phone');
  if (!phone) throw new RangeError('no phone');
  t.equal(maskValue(phone, '13812348000'), '138****8000');
  t.equal(maskValue(phone, '+1234567'), '***');
  t.equal(maskValue(phone, '0551234567'), '***');
});

import t from 'tap';
import { bringUpTickets, request } from './testing.js';

t.test('a citizen’s request goes its whole way: made, dispatched, signed, solved, visited, closed', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  const dispatcher = await cloud.signInAs('ticket-dispatcher');
  const worker = await cloud.signInAs('ticket-handler');
  await cloud.join(cloud.offices.reception, [clerk.userId]);
  await cloud.join(cloud.offices.visits, [clerk.userId]);
  await cloud.join(cloud.offices.dispatch, [dispatcher.userId]);
  await cloud.join(cloud.offices.works, [worker.userId]);

  const made = await clerk.post('/tickets', request());
  t.equal(made.status, 201, JSON.stringify(made.body));
  t.match(made.body, { number: /^SQ\d{8}00001$/, title: '路灯不亮', holders: [{ name: 'reception处' }], seq: 2 });
  const id = made.body.id as string;
  const todo = await clerk.get('/tickets?view=todo');
  t.match(todo.body, { items: [{ id, myTask: { state: 'open' } }] }, JSON.stringify(todo.body));

  const step = async (who: typeof clerk, offer: { do: string; action?: string }, more: object = {}) => {
    const page = await who.get(`/tickets/${id}`);
    t.equal(page.status, 200, JSON.stringify(page.body));
    const found = page.body.offers.find(
      (one: { do: string; action: string | null }) =>
        one.do === offer.do && (offer.action === undefined || one.action === offer.action),
    );
    t.ok(
      found,
      `${JSON.stringify(offer)} is among ${JSON.stringify(page.body.offers.map((o: { do: string; action: string }) => [o.do, o.action]))}`,
    );
    const body = {
      do: offer.do,
      ...(found.task ? { task: found.task } : {}),
      ...(offer.action ? { action: offer.action } : {}),
      ...more,
    };
    const done = await who.post(`/tickets/${id}/acts`, body, { 'if-match': `"${page.body.seq}"` });
    t.equal(done.status, 200, JSON.stringify(done.body));
    return done.body;
  };
  await step(clerk, { do: 'submit', action: 'to_dispatch' });
  const works = { kind: 'office', id: cloud.offices.works };
  await step(dispatcher, { do: 'submit', action: 'dispatch' }, { to: [works] });
  await step(worker, { do: 'sign' });
  await step(worker, { do: 'submit', action: 'solved' }, { fields: { result: '已换灯泡', reply: '修好了' } });
  await step(dispatcher, { do: 'submit', action: 'pass' });
  const closed = await step(clerk, { do: 'submit', action: 'confirm' }, { fields: { reached: true, satisfaction: 5 } });
  t.match(closed, { status: 'ended', outcome: 'closed', state: { phase: 'closed' }, light: 'green' });
  t.match((await worker.get('/tickets?view=done')).body.items, [{ id }]);
  t.match((await clerk.get('/tickets?view=initiated')).body.items, [{ id }]);
  const history = await worker.get(`/tickets/${id}/history`);
  t.equal(history.status, 200, JSON.stringify(history.body));
  t.match(history.body.items.at(-1), { type: 'ended' });
  const written = history.body.items.flatMap(
    (line: { fields: { key: string; words: string | null }[] }) => line.fields,
  );
  t.match(
    written.find(({ key }: { key: string }) => key === 'result'),
    { words: '已换灯泡' },
    'what was written stays readable, whoever writes it anew',
  );
  t.notMatch(JSON.stringify(history.body), /13812348000|张三丰/, 'nothing personal');
  const clocks = await worker.get(`/tickets/${id}/clocks`);
  t.equal(clocks.status, 200, JSON.stringify(clocks.body));
  t.same(clocks.body.items.map(({ clock }: { clock: string }) => clock).sort(), ['citizen', 'handling', 'sign']);
  t.match((await worker.get('/tickets?view=all&q=路灯')).body.items, [{ id }]);
  t.match((await worker.get('/tickets?view=all&q=00001')).body.items, [{ id }]);
  t.same((await worker.get('/tickets?view=all&q=张三丰')).body.items, []);
  const counts = await worker.get('/tickets/counts');
  t.same(counts.body, { todo: 0, todoRed: 0, todoYellow: 0, handled: 0, initiated: 0, done: 1 });
});

t.test('a field engineer sees and handles what is given to their office, wherever they are at home', async (t) => {
  const cloud = await bringUpTickets(t);
  const [dispatcher, engineer] = [
    await cloud.signInAs('ticket-dispatcher'),
    await cloud.signInAs('field-engineer', { hallIds: [cloud.hallId] }),
  ];
  await cloud.join(cloud.offices.reception, [dispatcher.userId]);
  await cloud.join(cloud.offices.dispatch, [dispatcher.userId]);
  await cloud.join(cloud.offices.works, [engineer.userId]);
  const ctx = await cloud.ctxOf(dispatcher);
  const taskOf = async (id: string) => (await dispatcher.get(`/tickets/${id}`)).body.myTask.id as string;
  const toDispatch = async () => {
    const { id } = await cloud.make(ctx);
    await cloud.act(ctx, id, { do: 'submit', task: await taskOf(id), action: 'to_dispatch', fields: {} });
    return id;
  };
  const [given, other] = [await toDispatch(), await toDispatch()];
  const to = [{ kind: 'office' as const, id: cloud.offices.works }];
  await cloud.act(ctx, given, { do: 'submit', task: await taskOf(given), action: 'dispatch', fields: {}, to });

  const todo = await engineer.get('/tickets?view=todo');
  t.match(todo.body, { items: [{ id: given }] }, JSON.stringify(todo.body));
  t.equal((await engineer.get(`/tickets/${other}`)).status, 404, 'what lies nowhere near and was never theirs');
  const { body: page } = await engineer.get(`/tickets/${given}`);
  const sign = { do: 'sign', task: page.myTask.id };
  const signed = await engineer.post(`/tickets/${given}/acts`, sign, { 'if-match': `"${page.seq}"` });
  t.equal(signed.status, 200, JSON.stringify(signed.body));
  t.notMatch(JSON.stringify((await engineer.get(`/tickets/${given}`)).body), /13812348000|张三丰/, 'nothing personal');
});

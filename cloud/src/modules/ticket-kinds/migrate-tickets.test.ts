import type { TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { bringUpTickets } from '../tickets/testing.js';
import { blankKind } from './blank-kind.js';
import { ticketKindRoutes } from './routes.js';

const first = blankKind('move', { zh: '搬' });
/** `handle` is `repair` there, and the details are personal from then on. */
const second: TicketKind = JSON.parse(JSON.stringify(first).replaceAll('"handle"', '"repair"'));
for (const field of second.fields) if (field.key === 'details') field.personal = true;

t.test('running tickets go on by another version, each with a line of its history; what cannot is told', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [first], routes: ticketKindRoutes });
  const owner = await cloud.signInAs('owner');
  const worker = await cloud.signInAs('ticket-handler');
  await cloud.join(cloud.offices.works, [worker.userId]);
  const [mine, theirs] = [await cloud.ctxOf(owner), await cloud.ctxOf(worker)];
  const make = (fields: object) => cloud.make(mine, { kind: 'move', fields: fields as Record<string, never> });
  const waiting = await make({ title: '甲' });
  const handled = await make({ title: '乙', details: '张三的电话' });
  const stuck = await make({ title: '丙' });
  const task = async (id: string) =>
    (
      await cloud.rows<{ id: string }>(
        "SELECT id FROM ticket_tasks WHERE ticket_id = $1 AND state IN ('open', 'signed')",
        [id],
      )
    )[0]?.id ?? '';
  const system = cloud.systemContext();
  for (const { id } of [handled, stuck]) {
    const to = [{ kind: 'office' as const, id: cloud.offices.works }];
    await cloud.act(system, id, { do: 'submit', task: await task(id), action: 'send', fields: {}, to });
    await cloud.act(theirs, id, { do: 'sign', task: await task(id) });
  }
  await cloud
    .act(theirs, stuck.id, { do: 'transfer', task: await task(stuck.id), to: { kind: 'person', id: worker.userId } })
    .catch(() => {});

  const page = (await owner.get('/ticket-kinds/move')).body;
  await owner.put('/ticket-kinds/move/draft', second, page.version);
  const publish = await owner.post('/ticket-kinds/move/publish', undefined, { 'if-match': `"${page.version + 1}"` });
  t.match(publish.body, { published: 2 });

  const migrate = (more: object) => owner.post('/ticket-kinds/move/migrate', { from: 1, to: 2, ...more });
  const told = await migrate({});
  t.match(told, {
    status: 200,
    body: {
      dryRun: true,
      moved: 1,
      refusedCount: 2,
      refused: [{ number: String, obstacles: [{ code: 'step_unmapped', about: 'handle' }] }, {}],
      next: null,
    },
  });
  t.match(
    (await owner.get('/ticket-kinds/move')).body.versions,
    [
      { version: 2, tickets: 0 },
      { version: 1, tickets: 3 },
    ],
    'a dry run moves nothing',
  );
  t.equal((await migrate({ from: 7 })).status, 404);

  const done = await migrate({ steps: { handle: 'repair' }, dryRun: false });
  t.match(done.body, { dryRun: false, moved: 3, refused: [], next: null }, JSON.stringify(done.body));
  const [row] = await cloud.rows<{ kind_version: number; step: string; state: { fields: object } }>(
    'SELECT kind_version, step, state FROM tickets WHERE id = $1',
    [handled.id],
  );
  t.match(
    row,
    { kind_version: 2, step: 'repair', state: { fields: { title: '乙', details: { sealed: String } } } },
    'what became personal lies sealed',
  );
  const [line] = await cloud.rows(
    'SELECT type, by, by_name FROM ticket_history WHERE ticket_id = $1 ORDER BY seq DESC LIMIT 1',
    [handled.id],
  );
  t.match(line, { type: 'migrated', by: owner.userId });
  await cloud.act(theirs, handled.id, {
    do: 'submit',
    task: await task(handled.id),
    action: 'finish',
    fields: { result: '好了' },
  });
  t.match(
    await cloud.rows('SELECT step FROM tickets WHERE id = $1', [handled.id]),
    [{ step: 'check' }],
    'and goes on there',
  );
  t.match(await cloud.rows('SELECT kind_version, step FROM tickets WHERE id = $1', [waiting.id]), [
    { kind_version: 2, step: 'dispatch' },
  ]);
  t.match(await cloud.auditRows('ticket_kind.tickets_migrated'), [{ after: { version: 2, moved: 3, refused: 0 } }]);
  t.match(
    await migrate({ dryRun: false, steps: { handle: 'repair' } }),
    { body: { moved: 0, refusedCount: 0 } },
    'once',
  );
});

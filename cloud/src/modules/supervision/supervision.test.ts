import { uuidv7 } from '@hallhub/shared';
import type { TicketCommand, TicketKind, TicketRow } from '@hallhub/shared/ticket';
import t from 'tap';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { supervisionRoutes } from './routes.js';

t.setTimeout(300_000);

/** As it ships, but that obstacles are shown to nobody while the task is checked. */
const shipped = shippedKind('supervised_task');
const kind: TicketKind = {
  ...shipped,
  steps: shipped.steps.map((step) =>
    step.id === 'check' ? { ...step, fields: { ...step.fields, hidden: ['obstacles'] } } : step,
  ),
};

t.test('the ledger tells how far a task is, who has it, what was instructed; as a sheet, too', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [kind], routes: supervisionRoutes });
  const { hallId, offices } = cloud;
  const [owner, works, greens] = await Promise.all([
    cloud.signInAs('owner'),
    cloud.signInAs('ticket-handler'),
    cloud.signInAs('ticket-handler'),
  ]);
  await cloud.join(offices.dispatch, [owner.userId], { leads: true });
  await cloud.join(offices.works, [works.userId]);
  await cloud.join(offices.greens, [greens.userId]);
  const [ownerCtx, worksCtx] = [await cloud.ctxOf(owner), await cloud.ctxOf(works)];
  const dueOn = new Date(cloud.clock.now() + 12 * 86_400_000).toISOString().slice(0, 10);
  const make = (title: string, where: string | null) =>
    cloud.make(ownerCtx, {
      ...{ kind: 'supervised_task', level: 'leader', hallId: where },
      fields: { title, basis: 'instruction', requirement: '两周内降到十分钟', dueOn },
    });
  const task = await make('整治窗口排队', hallId);
  await make('=别处的', null);
  const taskOf = async (office?: string) => {
    const [found] = await cloud.rows<{ id: string }>(
      `SELECT id FROM ticket_tasks WHERE ticket_id = $1 AND state IN ('open', 'signed') AND ($2::uuid IS NULL OR party_id = $2)`,
      [task.id, office ?? null],
    );
    return found?.id ?? '';
  };
  const act = (ctx: typeof ownerCtx, command: TicketCommand): Promise<TicketRow> => cloud.act(ctx, task.id, command);
  const submit = async (action: string, more: object = {}, office?: string): Promise<TicketCommand> => ({
    ...{ do: 'submit', task: await taskOf(office), action, fields: {}, opinion: '办' },
    ...more,
  });
  await act(ownerCtx, await submit('propose'));
  const to = (['works', 'greens'] as const).map((code) => ({ kind: 'office' as const, id: offices[code] }));
  await act(ownerCtx, await submit('give', { to }));
  await act(worksCtx, { do: 'sign', task: await taskOf(offices.works) });
  await act(worksCtx, {
    ...{ do: 'edit', task: await taskOf(offices.works) },
    fields: { percent: 40, progress: '已增开两个窗口', obstacles: '人手不足' },
  });
  await act(ownerCtx, { do: 'instruct', opinion: '月底前见效' });
  await act(ownerCtx, { do: 'remind' });
  const ledger = async (query = '', who = owner) => (await who.get(`/supervision/tasks${query}`)).body;
  const running = await ledger(`?hallId=${hallId}&year=${new Date(cloud.clock.now()).getUTCFullYear()}`);
  t.match(running, { kind: 'supervised_task', sums: { running: 1, late: 0, ended: 0 }, truncated: false });
  t.match(running.items, [
    {
      // Due by the day that it was set up with.
      ticket: { number: task.number, reminded: 1, state: { id: 'working' }, dueAt: `${dueOn}T15:59:00.000Z` },
      ...{ basis: { zh: '领导批示' }, requirement: '两周内降到十分钟', dueOn, percent: 40 },
      ...{ progress: '已增开两个窗口', obstacles: '人手不足', reported: { by: String } },
      ...{ instructed: { times: 1, words: '月底前见效' }, children: { of: 0, done: 0 }, extended: 0 },
      parties: [
        { id: offices.works, lead: true, state: 'signed' },
        { id: offices.greens, lead: false, state: 'open' },
      ],
    },
  ]);

  await t.test('reach: who supervises a hall sees its tasks; who handles them has no ledger', async (t) => {
    t.equal((await ledger()).items.length, 2);
    const leader = await cloud.signInAs('hall-manager', { hallIds: [hallId] });
    t.same(
      (await ledger('', leader)).items.map(({ ticket }: { ticket: TicketRow }) => ticket.number),
      [task.number],
    );
    t.equal((await works.get('/supervision/tasks')).status, 403);
    t.equal((await owner.get('/supervision/tasks?kind=nowhere')).status, 400);
    t.same((await ledger('?year=2001')).items, []);
    t.match(await ledger(`?officeId=${offices.greens}`), {
      sums: { running: 1 },
      items: [{ ticket: { number: task.number } }],
    });
    t.match(
      await ledger(`?officeId=${offices.dispatch}`),
      { sums: { running: 0 }, items: { length: 0 } },
      'it gave it',
    );
    t.same((await ledger('?status=ended')).items, []);
  });

  await t.test('as a sheet; in the trail', async (t) => {
    const csv = await owner.get('/supervision/export?format=csv');
    t.equal(csv.status, 200);
    t.match(csv.headers.get('content-disposition'), /hallhub-supervision-running\.csv/);
    t.match(await cloud.auditRows('supervision.exported'), [{ after: { format: 'csv', rows: 2 } }]);
    t.equal((await works.get('/supervision/export')).status, 403);
    const nowhere = await owner.get(`/supervision/export?hallId=${uuidv7()}`);
    t.equal(nowhere.status, 400, 'no sheet of a hall that is none');
    t.match(String(csv.body), `${task.number},整治窗口排队`);
    t.match(String(csv.body), ",'=别处的", 'no formula');
  });

  await t.test('over: among those that are done, and counted', async (t) => {
    await act(await cloud.ctxOf(greens), { do: 'sign', task: await taskOf(offices.greens) });
    await act(await cloud.ctxOf(greens), await submit('done', { fields: { result: '园林已配合' } }, offices.greens));
    await act(worksCtx, await submit('done', { fields: { result: '平均等候八分钟', percent: 100 } }, offices.works));
    const checked = (await ledger(`?hallId=${hallId}`)).items;
    t.match(
      checked,
      [{ ticket: { state: { id: 'checking' } }, obstacles: null, progress: '已增开两个窗口' }],
      'hidden there',
    );
    await act(ownerCtx, await submit('close', { fields: { verdict: 'done' } }));
    const ended = await ledger(`?status=ended&hallId=${hallId}&officeId=${offices.works}`);
    t.match(ended, {
      sums: { running: 0, ended: 1, judged: 1, onTime: 1 },
      items: [
        {
          percent: 100,
          result: '平均等候八分钟',
          verdict: { zh: '完成' },
          parties: [{ state: 'done' }, { state: 'done' }],
        },
      ],
    });
  });

  await t.test('what a page has no room for stands in the sheet all the same', async (t) => {
    await cloud.rows(
      `INSERT INTO tickets SELECT (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'number', 'DB-' || i))).*
       FROM tickets t, generate_series(1, 501) i WHERE t.id = $1`,
      [task.id],
    );
    const page = await ledger('?status=ended');
    t.match([page.items.length, page.truncated], [500, true]);
    const sheet = await owner.get('/supervision/export?format=csv&status=ended');
    t.equal(String(sheet.body).trim().split('\r\n').length, 1 + 502);
  });
});

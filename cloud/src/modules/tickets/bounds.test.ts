import type { HubError } from '@hallhub/shared';
import t from 'tap';
import { withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { actOnTicket } from './act-on-ticket.js';
import { mostLines, mostLinks, mostOpenChildren, mostRemarks } from './store/ticket-bounds.js';
import { bringUpTickets, request, type TestTickets } from './testing.js';
import { registerTicketHook } from './ticket-hooks.js';

const errorOf = (work: Promise<unknown>): Promise<HubError | undefined> =>
  work.then(
    () => undefined,
    (error: HubError) => error,
  );
const tooOften = { code: 'conflict', context: { refusal: 'too_often' } };

const withDispatcher = async (t: Parameters<typeof bringUpTickets>[0]) => {
  const cloud = await bringUpTickets(t);
  const dispatcher = await cloud.signInAs('ticket-dispatcher');
  await cloud.join(cloud.offices.reception, [dispatcher.userId]);
  return { cloud, ctx: await cloud.ctxOf(dispatcher) };
};

t.test('a person remarks so often and no oftener; others, and the platform, still do', async (t) => {
  const { cloud, ctx } = await withDispatcher(t);
  const { id } = await cloud.make(ctx);
  const say = (who: VerbContext) => cloud.act(who, id, { do: 'comment', opinion: '在吗' });
  for (let i = 0; i < mostRemarks.commented; i++) await say(ctx);
  t.match(await errorOf(say(ctx)), { ...tooOften, context: { most: mostRemarks.commented, perMinutes: 60 } });
  await say(cloud.systemContext());
  await say(await cloud.ctxOf(await cloud.signInAs('ticket-dispatcher')));
  await cloud.clock.advance(3_600_001);
  await say(ctx);
});

/** As if so much had happened: what counts is what stands in the table and the row. */
const fill = async (cloud: TestTickets, id: string, lines: number): Promise<void> => {
  await cloud.rows(
    `INSERT INTO ticket_history (tenant_id, ticket_id, seq, at, by, by_name, type, data)
     SELECT tenant_id, id, g, made_at, 'system', '系统', 'commented', '{}' FROM tickets, generate_series(seq + 1, $2) g WHERE id = $1`,
    [id, lines],
  );
  await cloud.rows(`UPDATE tickets SET seq = $2, state = jsonb_set(state, '{seq}', to_jsonb($2::int)) WHERE id = $1`, [
    ...[id, lines],
  ]);
};

t.test('a ticket of so many lines is no longer talked about, but it can be closed', async (t) => {
  const { cloud, ctx } = await withDispatcher(t);
  const { id } = await cloud.make(ctx);
  await fill(cloud, id, mostLines);
  t.match(await errorOf(cloud.act(ctx, id, { do: 'comment', opinion: '还有' })), tooOften);
  t.match(await errorOf(cloud.act(cloud.systemContext(), id, { do: 'comment', opinion: '还有' })), tooOften);
  const other = await cloud.make(ctx);
  t.match(await errorOf(cloud.act(ctx, id, { do: 'link', ticket: other.id, how: 'related' })), tooOften);
  t.match(await cloud.act(ctx, id, { do: 'cancel', opinion: '太长了' }), { status: 'ended' });
});

t.test('children, links, fields and files of one ticket are bounded', async (t) => {
  const { cloud, ctx } = await withDispatcher(t);
  const { id } = await cloud.make(ctx);
  const many = JSON.stringify(Array.from({ length: mostOpenChildren }, (_, i) => String(i)));
  await cloud.rows(`UPDATE tickets SET state = jsonb_set(state, '{openChildren}', $2::jsonb) WHERE id = $1`, [
    id,
    many,
  ]);
  t.match(await errorOf(cloud.make(ctx, { parentId: id })), tooOften);
  const others = await Promise.all(Array.from({ length: Math.ceil(mostLinks / 3) + 1 }, () => cloud.make(ctx)));
  await cloud.rows(
    `INSERT INTO ticket_links (tenant_id, from_id, to_id, how, made_at)
     SELECT $1, $2, x, how, now() FROM unnest($3::uuid[]) x, unnest('{related,same_event,caused_by}'::text[]) how LIMIT $4`,
    [cloud.tenantId, id, others.slice(1).map((one) => one.id), mostLinks],
  );
  const last = others[0]?.id ?? '';
  t.match(await errorOf(cloud.act(ctx, id, { do: 'link', ticket: last, how: 'related' })), tooOften);
  const content = '长'.repeat(5_000);
  t.match(await errorOf(cloud.make(ctx, { fields: { ...request().fields, content, other: '长'.repeat(300_000) } })), {
    code: 'too_large',
  });
});

t.test('a parent and its child at once: none is the victim of a deadlock', async (t) => {
  const { cloud, ctx } = await withDispatcher(t);
  const parent = await cloud.make(ctx);
  const child = await cloud.make(ctx, { parentId: parent.id });
  let linking: Promise<unknown> | undefined;
  const once = (ticketId: string, command: Parameters<typeof actOnTicket>[2]['command']) =>
    withTenant(cloud.db, ctx.actor, (tx) => actOnTicket(tx, ctx, { ticketId, command }), { attempts: 1 });
  registerTicketHook(cloud.db, {
    onLines: async (_tx, _ctx, { ticket, events }) => {
      if (ticket.id !== child.id || linking !== undefined || events.at(-1)?.type !== 'ended') return;
      // The child is locked; its parent's act begins now, and takes what it can get.
      linking = errorOf(once(parent.id, { do: 'link', ticket: child.id, how: 'related' }));
      const isWaiting = async () =>
        (
          await cloud.rows(
            `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM tickets%'`,
          )
        ).length > 0;
      const endMs = performance.now() + 60_000;
      while (!(await isWaiting()) && performance.now() < endMs) await new Promise((resolve) => setImmediate(resolve));
    },
  });
  t.equal(await errorOf(once(child.id, { do: 'cancel', opinion: '不用了' })), undefined);
  t.equal(await linking, undefined, 'the parent’s act waited, and was done');
  t.match(await cloud.rows(`SELECT state -> 'openChildren' AS open FROM tickets WHERE id = $1`, [parent.id]), [
    { open: [] },
  ]);
});

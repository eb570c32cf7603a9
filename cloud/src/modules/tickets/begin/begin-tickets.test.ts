import type { HubError } from '@hallhub/shared';
import type { MakeTicket, TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import type { VerbContext } from '../../access/verb-context.js';
import { noticeHook } from '../../notices/notice-hook.js';
import type { OpenTickets } from '../index.js';
import { bringUpTickets, publishKind, type TestTickets } from '../testing.js';
import { registerTicketHook } from '../ticket-hooks.js';
import { act } from '../verbs/act.js';
import { readTicket, readTicketHistory } from '../verbs/read-ticket.js';
import { mostDeep, mostOfAct } from './begin-tickets.js';
import { beginsBy as begins, beginKind as kind } from './testing.js';

const holds = [{ step: 'check', action: 'finish' }];

const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: HubError) => error.context.refusal,
  );

interface World {
  readonly cloud: TestTickets;
  readonly ctx: VerbContext;
  /** A ticket of the kind, and what it came to when its first step was done by `go`. */
  go(code: string): Promise<string>;
  submit(ticketId: string, action: string, by?: VerbContext): Promise<unknown>;
  tickets(): Promise<{ id: string; kind: string; parent: string | null; by: string; title: string }[]>;
  types(ticketId: string): Promise<string[]>;
}

const bringUp = async (
  t: Parameters<typeof bringUpTickets>[0],
  kinds: readonly TicketKind[],
  log?: OpenTickets['log'],
): Promise<World> => {
  const cloud = await bringUpTickets(t, { kinds, ...(log ? { log } : {}) });
  registerTicketHook(cloud.db, noticeHook);
  const handler = await cloud.signInAs('ticket-handler');
  await cloud.join(cloud.offices.works, [handler.userId]);
  const ctx = await cloud.ctxOf(handler);
  const submit = async (ticketId: string, action: string, by = ctx) => {
    const [task] = await cloud.rows<{ id: string }>(
      `SELECT id FROM ticket_tasks WHERE ticket_id = $1 AND state IN ('open', 'signed')`,
      [ticketId],
    );
    return cloud.act(by, ticketId, { do: 'submit', task: task?.id ?? '', action, fields: {} });
  };
  return {
    ...{ cloud, ctx, submit },
    go: async (code) => {
      const input: Partial<MakeTicket> = { kind: code, fields: { title: '取号机坏了', phone: '13812348000' } };
      const { id } = await cloud.make(cloud.systemContext(), input);
      await submit(id, 'go');
      return id;
    },
    tickets: () =>
      cloud.rows('SELECT id, kind, parent_id AS parent, made_by AS by, title FROM tickets ORDER BY made_at, number'),
    types: async (ticketId) =>
      (
        await cloud.rows<{ type: string }>('SELECT type FROM ticket_history WHERE ticket_id = $1 ORDER BY seq', [
          ticketId,
        ])
      ).map(({ type }) => type),
  };
};

t.test(
  'an act begins the other ticket in its own transaction: linked both ways, sealed as before, told when it is over',
  async (t) => {
    const world = await bringUp(t, [kind('a', { begins: begins('b', { holds }) }), kind('b')]);
    const { cloud, ctx } = world;
    const id = await world.go('a');
    const all = await world.tickets();
    t.match(all, [{ kind: 'a' }, { kind: 'b', parent: null, by: ctx.actor.userId, title: '取号机坏了' }]);
    const other = all[1]?.id ?? '';
    const clear = await cloud.rows(`SELECT 1 FROM tickets WHERE state::text LIKE '%13812348000%'`);
    t.equal(clear.length, 0, 'the telephone lies sealed in both');
    const personal = cloud.systemContext();
    t.equal((await readTicket(personal, { ticketId: other })).fields.phone, '13812348000', 'and is the same');
    const page = await readTicket(ctx, { ticketId: id });
    t.match(page, {
      links: [{ how: 'caused', ticket: { id: other } }],
      heldUp: [{ action: { zh: '办结' }, count: 1 }],
    });
    t.match(await readTicket(ctx, { ticketId: other }), { links: [{ how: 'caused_by', ticket: { id } }] });
    t.same((await world.types(id)).slice(-2), ['begin_wanted', 'begun']);
    t.same(await world.types(other), ['made', 'begun_by', 'entered']);
    const { items } = await readTicketHistory(ctx, { ticketId: id });
    t.match(items.at(-1), { type: 'begun', action: { zh: '转维修' }, ticket: { id: other }, by: { name: '系统' } });
    t.match(await cloud.rows(`SELECT target_id AS id FROM audit_entries WHERE action = 'ticket.began_another'`), [
      { id },
    ]);
    t.equal(await refusalOf(world.submit(id, 'finish')), 'begun_open');
    await world.submit(other, 'done');
    t.equal((await world.types(id)).at(-1), 'begun_ended');
    await cloud.act(ctx, other, { do: 'reopen', opinion: '又坏了' });
    t.equal((await world.types(id)).at(-1), 'begun_reopened');
    const colleague = await cloud.signInAs('ticket-handler');
    await cloud.join(cloud.offices.works, [colleague.userId]);
    await world.submit(other, 'done', await cloud.ctxOf(colleague));
    const doers = await cloud.rows('SELECT person_id AS id FROM ticket_doers WHERE ticket_id = $1', [id]);
    t.same(doers, [{ id: ctx.actor.userId }], 'who ends the other has not handled the first');
    await world.submit(id, 'finish');
    t.equal((await world.tickets()).length, 2, 'exactly one was begun');
  },
);

t.test(
  'undone acts begin nothing, the act of a retried transaction once; two who press at once begin one',
  async (t) => {
    const world = await bringUp(t, [kind('a', { begins: begins('b', { as: 'child' }) }), kind('b')]);
    const { cloud, ctx } = world;
    const { id, seq } = await cloud.make(cloud.systemContext(), { kind: 'a', fields: { title: '一' } });
    const [task] = await cloud.rows<{ id: string }>('SELECT id FROM ticket_tasks');
    const command = { do: 'submit', task: task?.id ?? '', action: 'go', fields: {} } as const;
    let crashes = true;
    registerTicketHook(cloud.db, {
      onLines: async (_tx, _own, { events }) => {
        if (crashes && events.some(({ type }) => type === 'begun')) throw new Error('the process dies here');
      },
    });
    await t.rejects(cloud.act(ctx, id, command), { message: 'the process dies here' });
    t.same(await world.types(id), ['made', 'entered'], 'nothing of it is there');
    t.equal((await world.tickets()).length, 1);
    crashes = false;
    const came = await Promise.allSettled([1, 2, 3].map(() => act(ctx, { ticketId: id, seq, command })));
    t.equal(came.filter(({ status }) => status === 'fulfilled').length, 1);
    t.match(await world.tickets(), [{ id }, { parent: id }]);
    t.equal((await world.tickets()).length, 2);
    t.same(
      (await readTicket(ctx, { ticketId: id })).links.map(({ how }) => how),
      ['child'],
    );
  },
);

t.test(
  'a kind that is not published loses no act: it is told, tried again, or let be, by whoever has to do with it',
  async (t) => {
    const world = await bringUp(t, [kind('a', { begins: begins('b', { holds }) })]);
    const { cloud, ctx } = world;
    const boss = await cloud.signInAs('ticket-dispatcher');
    await cloud.join(cloud.offices.works, [boss.userId], { leads: true });
    const id = await world.go('a');
    const page = await readTicket(ctx, { ticketId: id });
    t.match(page, {
      step: { id: 'check' },
      unbegun: [{ why: 'no_kind', about: 'b', kind: { code: 'b', label: null }, mayTry: true }],
    });
    const told = await cloud.rows(`SELECT 1 FROM notices WHERE person_id = $1 AND rule = 'begin_failed'`, [
      boss.userId,
    ]);
    t.equal(told.length, 1, 'whoever leads the office is told');
    const stranger = await cloud.ctxOf(await cloud.signInAs('ticket-clerk'));
    const of = page.unbegun[0]?.of ?? 0;
    t.equal((await readTicket(stranger, { ticketId: id })).unbegun[0]?.mayTry, false);
    t.equal(await refusalOf(cloud.act(stranger, id, { do: 'begin', of })), 'not_yours');
    await cloud.act(ctx, id, { do: 'begin', of });
    t.equal((await world.types(id)).at(-1), 'begin_failed', 'still not there');
    await publishKind(cloud.db, { tenantId: cloud.tenantId, kind: kind('b') });
    const row = await cloud.act(ctx, id, { do: 'begin', of });
    t.match(await world.tickets(), [{ kind: 'a' }, { kind: 'b', by: ctx.actor.userId }]);
    t.match(await readTicket(ctx, { ticketId: id }), { unbegun: [], seq: row.seq, links: [{ how: 'caused' }] });
    t.equal(await refusalOf(cloud.act(ctx, id, { do: 'begin', of })), 'not_now');

    // A field that the other kind has no more; and one that it does not seal.
    await publishKind(cloud.db, {
      tenantId: cloud.tenantId,
      version: 2,
      kind: { ...kind('b'), fields: [kind('b').fields[0]!] },
    });
    const unfit = await readTicket(ctx, { ticketId: await world.go('a') });
    t.match(unfit.unbegun, [{ why: 'field_unfit', about: 'phone' }]);
    const open = kind('b').fields.map((field) => ({ ...field, personal: false }));
    await publishKind(cloud.db, { tenantId: cloud.tenantId, version: 3, kind: { ...kind('b'), fields: open } });
    const unsealed = await readTicket(ctx, { ticketId: await world.go('a') });
    t.match(unsealed.unbegun, [{ why: 'unseals', about: 'phone' }]);
    t.equal(await refusalOf(world.submit(unsealed.id, 'finish')), 'begun_open');
    await cloud.act(ctx, unsealed.id, { do: 'dropBegin', of: unsealed.unbegun[0]?.of ?? 0, opinion: '另行报修' });
    await world.submit(unsealed.id, 'finish');
  },
);

t.test(
  'what begins itself comes to its end; its attachments go along; one that ends as it begins another is no parent',
  async (t) => {
    const on = { on: 'entered', step: 'work' };
    const world = await bringUp(t, [
      kind('a', { begins: begins('c', { on }) }),
      kind('c', { begins: begins('a', { on }) }),
      kind('d', { begins: begins('e', { on: { on: 'entered', step: 'end' }, as: 'child' }) }),
      kind('e'),
    ]);
    const { cloud, ctx } = world;
    await cloud.make(cloud.systemContext(), { kind: 'a', fields: { title: '环' } });
    const all = await world.tickets();
    t.equal(all.length, 1 + mostDeep);
    t.same((await world.types(all.at(-1)?.id ?? '')).slice(-2), ['begin_wanted', 'begin_failed']);
    const why = await cloud.rows(`SELECT data ->> 'why' AS why FROM ticket_history WHERE type = 'begin_failed'`);
    t.same(why, [{ why: 'too_deep' }]);

    const { id } = await cloud.make(cloud.systemContext(), { kind: 'd', fields: { title: '有照片' } });
    const file = '018f5f6e-0000-7000-8000-00000000f11e';
    await cloud.db.ownerPool.query(
      `INSERT INTO ticket_files (tenant_id, id, ticket_id, field, name, media_type, size_bytes, sha256, made_at, made_by, made_by_name)
     VALUES ($1, $2, $3, 'photos', '现场.jpg', 'image/jpeg', 3, $4, now(), 'system', '系统')`,
      [cloud.tenantId, file, id, 'a'.repeat(64)],
    );
    const [task] = await cloud.rows<{ id: string }>('SELECT id FROM ticket_tasks WHERE ticket_id = $1', [id]);
    const command = { do: 'submit', task: task?.id ?? '', action: 'done', fields: { photos: [file] } } as const;
    await cloud.act(ctx, id, command);
    const begun = (await world.tickets()).find((one) => one.kind === 'e');
    t.equal(begun?.parent, null);
    const files = await cloud.rows('SELECT id, name FROM ticket_files WHERE ticket_id = $1', [begun?.id]);
    t.match(files, [{ name: '现场.jpg' }]);
    t.match(await readTicket(ctx, { ticketId: begun?.id ?? '' }), {
      fields: { photos: [(files[0] as { id: string }).id] },
    });
  },
);

t.test('what broke is told by what broke first, to the ticket and to the log', async (t) => {
  const logged: unknown[] = [];
  const log = { error: (of: unknown) => void logged.push(of) };
  const world = await bringUp(t, [kind('a', { begins: begins('b') }), kind('b')], log);
  await world.cloud.db.ownerPool.query(`
    CREATE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.action = 'ticket.made' AND NEW.target_name LIKE 'B%' THEN RAISE EXCEPTION 'no room' USING ERRCODE = '23514'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_audit()`);
  const id = await world.go('a');
  t.match((await readTicket(world.ctx, { ticketId: id })).unbegun, [{ why: 'broken', about: '23514' }]);
  t.match(logged, [{ err: { message: 'no room' }, ticketId: id, rule: 'next' }]);
  t.match(await world.tickets(), [{ id }], 'of the other one nothing is left');
});

t.test('a few rules that begin each other fill no transaction without end', async (t) => {
  const on = { on: 'entered', step: 'work' };
  const [one] = begins('a', { on });
  const rules = ['r1', 'r2', 'r3'].map((id) => ({ ...one, id }));
  const { cloud, tickets } = await bringUp(t, [kind('a', { begins: rules })]);
  for (const n of [1, 2]) {
    await cloud.make(cloud.systemContext(), { kind: 'a', fields: { title: '环' } });
    t.equal((await tickets()).length, n * (1 + mostOfAct), 'each act for itself');
  }
  const [why] = await cloud.rows(
    `SELECT data ->> 'about' AS about FROM ticket_history WHERE data ->> 'why' = 'too_many' LIMIT 1`,
  );
  t.same(why, { about: String(mostOfAct) });
});

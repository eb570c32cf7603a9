import { replay, type TicketEvent, type TicketState } from '@hallhub/shared/ticket';
import fc from 'fast-check';
import t from 'tap';
import { withTenant } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { chosenBadly, commandOf, type Party } from './offer-command.js';
import { openTicket } from './store/change-ticket.js';
import { runsOf } from './store/clock-rows.js';
import { loadHistory } from './store/load-ticket.js';
import { bringUpTickets, type TestTickets } from './testing.js';
import { act } from './verbs/act.js';
import { readTicket } from './verbs/read-ticket.js';

type TapTest = typeof t;

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What lies in the database is what the history makes. */
const check = async (
  t: Pick<TapTest, 'equal' | 'same' | 'strictSame'>,
  cloud: TestTickets,
  ctx: VerbContext,
  ticketId: string,
): Promise<void> => {
  await withTenant(cloud.db, ctx.actor, async (tx) => {
    const { ticket, state, world } = await openTicket(tx, ctx, { ticketId });
    const history = (await loadHistory(tx, { tenantId: cloud.tenantId, ticketId })).map(({ event }) => event);
    t.strictSame(plain(replay(history)), plain(ticket.sealed), 'the history makes the state');
    const rows = await cloud.rows<{ id: string; state: string; doer_id: string; sort_due: Date | number }>(
      'SELECT id, state, doer_id, sort_due FROM ticket_tasks WHERE ticket_id = $1 ORDER BY id',
      [ticketId],
    );
    t.same(
      rows.map(({ id, state: its, doer_id }) => [id, its, doer_id]),
      [...state.tasks]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((one) => [one.id, one.state, one.heldBy ?? one.party.id]),
      'rows of tasks are the tasks',
    );
    const due = ticket.dueAt === null ? Number.POSITIVE_INFINITY : ticket.dueAt;
    for (const row of rows.filter(({ state: its }) => its === 'open' || its === 'signed'))
      t.equal(Number(row.sort_due), due);
    const runs = runsOf(world, history as readonly TicketEvent[], state as TicketState);
    const kept = await cloud.rows<{ clock: string; run: number; ended_at: Date | null; due_at: Date | null }>(
      'SELECT clock, run, ended_at, due_at FROM ticket_clocks WHERE ticket_id = $1 ORDER BY clock, run',
      [ticketId],
    );
    const ms = (at: Date | null) => at?.getTime();
    t.same(
      kept.map((row) => [row.clock, row.run, ms(row.ended_at), ms(row.due_at)]),
      [...runs]
        .sort((a, b) => (`${a.clock} ${a.run}` < `${b.clock} ${b.run}` ? -1 : 1))
        .map((run) => [run.clock, run.run, run.endedAt, run.dueAt]),
      'clocks are what the history and the calendars say',
    );
  });
};

t.test(
  'random people take random offers: each is accepted, and what is stored is what the history makes',
  async (t) => {
    const cloud = await bringUpTickets(t);
    const roles = ['ticket-clerk', 'ticket-dispatcher', 'ticket-handler', 'ticket-handler'] as const;
    const people = [];
    for (const role of roles) people.push(await cloud.signInAs(role));
    const [clerk, dispatcher, worker, other] = people.map(({ userId }) => userId) as [string, string, string, string];
    const { offices } = cloud;
    await cloud.join(offices.reception, [clerk]);
    await cloud.join(offices.visits, [clerk]);
    await cloud.join(offices.dispatch, [dispatcher], { leads: true });
    await cloud.join(offices.works, [worker], { leads: true });
    await cloud.join(offices.greens, [other, worker]);
    const contexts = await Promise.all(people.map((person) => cloud.ctxOf(person)));
    const parties: Party[] = [
      { kind: 'office', id: offices.works },
      { kind: 'office', id: offices.greens },
      { kind: 'person', id: worker },
      { kind: 'person', id: other },
    ];
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(3), fc.nat(97), fc.nat(3)), { minLength: 4, maxLength: 16 }),
        async (picks) => {
          const { id } = await cloud.make(contexts[0] as VerbContext);
          for (const [who, which, whom] of picks) {
            const ctx = contexts[who] as VerbContext;
            await cloud.clock.advance(61_000);
            const page = await readTicket(ctx, { ticketId: id }).catch(() => undefined);
            const offer = page?.offers[which % Math.max(1, page.offers.length)];
            const command =
              page && offer && commandOf(offer, page, [...parties.slice(whom), ...parties.slice(0, whom)]);
            if (!page || !command) continue;
            const refusal = await act(ctx, { ticketId: id, seq: page.seq, command }).then(
              () => undefined,
              (error: { context?: { refusal?: string } }) => error.context?.refusal ?? String(error),
            );
            if (refusal === undefined) taken++;
            else if (!chosenBadly.has(refusal))
              t.fail(`${offer.do} ${offer.action} was offered and refused: ${refusal}`);
          }
          await check(t, cloud, contexts[1] as VerbContext, id);
        },
      ),
      { numRuns: 5, ...(process.env.FC_SEED ? { seed: Number(process.env.FC_SEED) } : {}) },
    );
    t.ok(taken > 10, `${taken} acts`);
  },
);

t.test('what is personal lies nowhere in clear, and only whoever may sees it', async (t) => {
  const cloud = await bringUpTickets(t);
  const clerk = await cloud.signInAs('ticket-clerk');
  const handler = await cloud.signInAs('ticket-handler');
  const ctx = await cloud.ctxOf(clerk);
  const { id, number } = await cloud.make(ctx, { requesterName: '张三丰' });
  await cloud.make(ctx);
  for (const table of ['tickets', 'ticket_history', 'audit_entries', 'ticket_tasks']) {
    const rows = await cloud.rows<{ text: string }>(`SELECT x::text AS text FROM ${table} x`);
    t.notMatch(rows.map(({ text }) => text).join('\n'), /13812348000|张三丰/, table);
  }
  const page = await handler.get(`/tickets/${id}`);
  t.match(page.body, {
    fields: { phone: '138****8000', requester: '张**' },
    masked: ['requester', 'phone'],
    repeats: 1,
  });
  t.match((await clerk.get(`/tickets/${id}`)).body, {
    fields: { phone: '13812348000' },
    masked: [],
    madeBy: { name: '张**' },
  });
  t.equal((await handler.post(`/tickets/${id}/reveal`, { field: 'phone', reason: '联系' })).status, 403);
  const shown = await clerk.post(`/tickets/${id}/reveal`, { field: 'phone', reason: '联系' });
  t.same(shown.body, { value: '13812348000' });
  const [row] = await cloud.auditRows('ticket.revealed');
  t.match(row, { targetName: number, after: { field: 'phone', reason: '联系' } });
  t.notMatch(JSON.stringify(row), /13812348000/);
  const csv = await (await cloud.signInAs('ticket-dispatcher')).get('/tickets/export?view=all&format=csv');
  t.match(csv.body, new RegExp(number));
  t.notMatch(csv.body, /13812348000|张三丰/);
  t.match(await cloud.auditRows('ticket.export_began'), [{ after: { view: 'all', format: 'csv' } }]);
  let ended: Awaited<ReturnType<typeof cloud.auditRows>> = [];
  for (const endMs = performance.now() + 60_000; ended.length === 0 && performance.now() < endMs; )
    ended = await cloud.auditRows('ticket.exported');
  t.match(ended, [{ after: { rows: 2, outcome: 'whole' } }], 'how many, once they are gone');
});

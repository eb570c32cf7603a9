import t from 'tap';
import { withTenant } from '../../../db/index.js';
import { bringUpTickets, request } from '../testing.js';
import { fromTasks } from './from-tasks.js';
import { fromWords } from './from-words.js';
import { ask, findKeys } from './list-tickets.js';

t.test(
  'words that stand in many tickets are looked at in the order of the list, words of few are found first',
  async (t) => {
    const cloud = await bringUpTickets(t);
    const clerk = await cloud.signInAs('ticket-clerk');
    await cloud.join(cloud.offices.reception, [clerk.userId]);
    const ctx = await cloud.ctxOf(clerk);
    for (let n = 0; n < 5; n++) await cloud.make(ctx, { fields: { ...request().fields, title: `路灯${n}` } });
    const few = (most: number, tenant: 'main' | 'other' = 'main') => {
      const { db, actor } = cloud.systemContext(tenant);
      return withTenant(db, actor, async (tx) => {
        const { rows } = await tx.$client.query<{ few: string[] | null }>(
          'SELECT ticket_search_few($1::tsquery, $2) AS few',
          [...[`'路灯'`, most]],
        );
        return rows[0]?.few?.length ?? null;
      });
    };
    t.equal(await few(4), null, 'more than that');
    t.equal(await few(5), 5);
    t.equal(await few(5, 'other'), 0, 'another organisation has none');
    const handler = await cloud.signInAs('ticket-handler', { hallIds: [cloud.hallId] });
    const stranger = await cloud.signInAs('ticket-handler', { hallIds: [cloud.hallId] });
    await cloud.join(cloud.offices.reception, [handler.userId]);
    for (const [who, count] of [
      [clerk, 5],
      [handler, 5],
      [stranger, 0],
    ] as const) {
      const of = await cloud.ctxOf(who);
      await withTenant(of.db, of.actor, async (tx) => {
        const filter = { view: 'all', q: '路灯' } as const;
        const asked = await ask(tx, of, { filter, after: null, limit: 50 });
        const found = await findKeys(tx, asked);
        t.equal(found.length, count);
        t.same((await fromWords(tx, asked, filter.q)).found, found, 'from the newest weeks');
        const todo = { ...asked, filter: { ...filter, view: 'todo' as const }, few: undefined };
        const parties = { parties: asked.mine, column: 'doer_id', isLive: true } as const;
        const ids = (keys: typeof found) => keys.map(({ id }) => id).sort();
        t.same(ids(await fromTasks(tx, todo, parties)), ids(found), 'as a list comes to them');
      });
    }
  },
);

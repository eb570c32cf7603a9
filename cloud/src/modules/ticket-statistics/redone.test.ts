import t from 'tap';
import { readMigrations } from '../../db/migrate.js';
import { registerTicketHook } from '../tickets/index.js';
import { bringUpTickets, request } from '../tickets/testing.js';
import { statisticsHook } from './index.js';

t.test('what was done again before it was counted is counted by the upgrade as it is now', async (t) => {
  const cloud = await bringUpTickets(t);
  registerTicketHook(cloud.db, statisticsHook);
  const owner = await cloud.signInAs('owner');
  for (const office of Object.values(cloud.offices)) await cloud.join(office, [owner.userId]);
  const ctx = await cloud.ctxOf(owner);
  const rowOf = async (id: string) =>
    (await cloud.rows<{ live_tasks: { id: string }[] }>('SELECT live_tasks FROM tickets WHERE id = $1', [id]))[0];
  const submit = async (id: string, action: string, more: object = {}) =>
    cloud.act(ctx, id, {
      ...{ do: 'submit', task: (await rowOf(id))?.live_tasks[0]?.id ?? '', action, fields: {}, ...more },
    } as never);
  const round = async (id: string) => {
    await submit(id, 'dispatch', { to: [{ kind: 'office', id: cloud.offices.works }] });
    await cloud.act(ctx, id, { do: 'sign', task: (await rowOf(id))?.live_tasks[0]?.id ?? '' });
    await submit(id, 'solved', { fields: { result: '已修', reply: '已修' } });
    await submit(id, 'pass');
  };
  const unhappy = { fields: { reached: true, satisfaction: 1 }, opinion: '没修好' };

  const twice = (await cloud.make(ctx)).id;
  await submit(twice, 'to_dispatch');
  for (const _ of [1, 2]) {
    await round(twice);
    await submit(twice, 'again', unhappy);
  }
  await round(twice);
  await submit(twice, 'review', unhappy);
  const answered = (await cloud.make(ctx, { fields: { ...request().fields, nature: 'consult' } as never })).id;
  await submit(answered, 'answered', { opinion: '已答复' });
  await submit(answered, 'again', unhappy);
  const takenBack = (await cloud.make(ctx)).id;
  await submit(takenBack, 'to_dispatch');
  await round(takenBack);
  await submit(takenBack, 'again', unhappy);
  await cloud.act(ctx, takenBack, { do: 'withdraw' });
  const content = (await cloud.make(ctx)).id;
  await submit(content, 'to_dispatch');
  await round(content);
  await submit(content, 'confirm', { fields: { reached: true, satisfaction: 5 } });

  const counted = () =>
    cloud.rows(
      `SELECT t.id, t.reopened, f.reopened AS fact, (t.state ->> 'reopened')::int AS said, coalesce((t.state ->> 'redone')::int, 0) AS redone,
         coalesce(t.state #>> '{lastMove,redo}', 'false') AS "canTakeBack", (SELECT count(*)::int FROM ticket_history h WHERE h.ticket_id = t.id
           AND h.data ? 'redo' AND NOT EXISTS (SELECT 1 FROM ticket_history w WHERE w.ticket_id = t.id AND w.type = 'withdrawn')) AS told
       FROM tickets t JOIN ticket_facts f ON f.ticket_id = t.id ORDER BY t.id`,
    );
  const now = await counted();
  t.match(now, [
    { id: twice, reopened: 2, fact: 2, said: 2, redone: 2, canTakeBack: 'false', told: 2 },
    { id: answered, reopened: 1, fact: 1, said: 1, redone: 1, canTakeBack: 'true', told: 1 },
    { id: takenBack, reopened: 0, fact: 0, said: 0, redone: 0, told: 0 },
    { id: content, reopened: 0, fact: 0, told: 0 },
  ]);

  const asBefore = `UPDATE tickets SET reopened = 0, state = ((state || '{"reopened": 0}') - 'redone') #- '{lastMove,redo}';
    UPDATE ticket_history SET data = data - 'redo'; UPDATE ticket_facts SET reopened = 0;`;
  const upgrade = readMigrations().find(({ name }) => name === '0292_redone.sql')?.sql ?? '';
  const client = await cloud.db.ownerPool.connect();
  try {
    await client.query(`BEGIN; ${asBefore}`);
    await client.query(upgrade);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  t.same(await counted(), now);
});

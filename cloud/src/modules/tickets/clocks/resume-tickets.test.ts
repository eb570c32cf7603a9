import t from 'tap';
import { bringUpTickets } from '../testing.js';
import { resumeTickets } from './resume-tickets.js';

const hour = 3_600_000;

t.test('suspended until an instant goes on by itself then, and stays where nobody said until when', async (t) => {
  const cloud = await bringUpTickets(t);
  const ctx = cloud.systemContext();
  const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus };
  const suspend = async (until: object) => {
    const { id } = await cloud.make(ctx);
    const task = async () =>
      (await cloud.rows<{ id: string }>(`SELECT live_tasks #>> '{0,id}' AS id FROM tickets WHERE id = $1`, [id]))[0]
        ?.id ?? '';
    await cloud.act(ctx, id, { do: 'submit', task: await task(), action: 'to_dispatch', fields: {} });
    const to = [{ kind: 'office', id: cloud.offices.works } as const];
    await cloud.act(ctx, id, { do: 'submit', task: await task(), action: 'dispatch', fields: {}, to });
    await cloud.act(ctx, id, { do: 'sign', task: await task() });
    await cloud.act(ctx, id, { do: 'suspend', task: await task(), opinion: '等备件', ...until });
    return id;
  };
  const timed = await suspend({ untilAt: cloud.clock.now() + hour });
  const open = await suspend({});
  const statusOf = async (id: string) =>
    (await cloud.rows<{ status: string }>('SELECT status FROM tickets WHERE id = $1', [id]))[0]?.status;
  t.equal(await resumeTickets(deps), 0);
  t.equal(await statusOf(timed), 'suspended');
  await cloud.clock.advance(hour);
  const both = await Promise.all([resumeTickets(deps), resumeTickets(deps)]);
  t.equal(both[0] + both[1], 1, 'by one process');
  t.same([await statusOf(timed), await statusOf(open)], ['running', 'suspended']);
  t.match(await cloud.rows(`SELECT by, opinion FROM ticket_history WHERE type = 'resumed'`), [
    { by: 'system', opinion: '挂起期满' },
  ]);
  t.equal(await resumeTickets(deps), 0);
});

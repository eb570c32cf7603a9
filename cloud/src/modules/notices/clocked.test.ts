import type { TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { noteClocks } from '../tickets/clocks/note-clocks.js';
import { registerTicketHook } from '../tickets/index.js';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { noticeHook } from './index.js';

const minute = 60_000;

/** Ten minutes; the reception hears of it with the instant it was due, and the dispatchers above them. */
const quick = (): TicketKind => {
  const kind = shippedKind('citizen_request');
  const [clock] = kind.clocks;
  const [notice] = kind.notices;
  if (!clock || !notice) throw new RangeError('it has no clock, or tells nobody');
  const up = { kind: 'office', code: 'dispatch' } as const;
  return {
    ...kind,
    clocks: [{ ...clock, targets: [{ minutes: 10, calendar: 'always' }], escalations: [{ afterMinutes: 0, to: up }] }],
    notices: [
      {
        ...{ ...notice, id: 'late', on: { on: 'breach', clock: clock.id }, channels: ['in_app'] },
        ...{ to: [{ kind: 'office', code: 'reception' }], text: { zh: '{number} 应于 {due} 办结' } },
      },
    ],
  };
};

t.test('of many tickets whose clocks are due everybody is told of each, in the time of its hall, once', async (t) => {
  const cloud = await bringUpTickets(t, { kinds: [quick()] });
  registerTicketHook(cloud.db, noticeHook);
  const [clerk, dispatcher] = [await cloud.signInAs('ticket-clerk'), await cloud.signInAs('ticket-dispatcher')];
  await cloud.join(cloud.offices.reception, [clerk.userId]);
  await cloud.join(cloud.offices.dispatch, [dispatcher.userId]);
  await cloud.rows(`UPDATE halls SET time_zone = 'Asia/Urumqi' WHERE id = $1`, [cloud.otherHallId]);
  const ctx = cloud.systemContext();
  const halls = [cloud.hallId, cloud.otherHallId, null];
  const made = await Promise.all(
    Array.from({ length: 30 }, (_, i) => cloud.make(ctx, { hallId: halls[i % 3] ?? null })),
  );
  await cloud.clock.advance(11 * minute);
  const deps = { database: cloud.db, clock: cloud.clock, live: cloud.bus };
  t.ok((await noteClocks(deps, { batch: 25 })) > 0);
  t.equal(await noteClocks(deps), 0);

  const dueIn = (zone: string, at: string | null) =>
    new Intl.DateTimeFormat('zh-CN', {
      ...{ timeZone: zone, month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    }).format(new Date(at ?? 0));
  const told = (rule: string) =>
    cloud.rows<{ number: string; person: string; zh: string }>(
      `SELECT t.number, n.person_id AS person, n.text ->> 'zh' AS zh FROM notices n JOIN tickets t ON t.id = n.ticket_id
       WHERE n.rule = $1 ORDER BY t.number`,
      [rule],
    );
  const expected = made
    .map(({ number, dueAt }, i) => ({
      ...{ number, person: clerk.userId },
      zh: `${number} 应于 ${dueIn(i % 3 === 1 ? 'Asia/Urumqi' : 'Asia/Shanghai', dueAt)} 办结`,
    }))
    .sort((a, b) => a.number.localeCompare(b.number));
  t.same(await told('late'), expected);
  t.same(
    (await told('escalated')).map(({ number, person }) => [number, person]),
    expected.map(({ number }) => [number, dispatcher.userId]),
  );
});

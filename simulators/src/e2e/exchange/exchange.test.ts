import t from 'tap';
import { platformPeople } from '../../peers/platform-12345/platform-people.js';
import { seededRandom } from '../../random.js';
import { waitUntil } from '../wait-until.js';
import { bringUpExchange } from './exchange-rig.js';
import { hubPeople } from './hub-people.js';

/** `EXCHANGE_TICKETS=500` runs a thousand, half each way. */
const each = Number(process.env.EXCHANGE_TICKETS ?? 3);
t.setTimeout(280_000 + each * 2_500);

t.test('one ticket each way, from dispatch to close', async (t) => {
  const rig = await bringUpExchange(t);
  const { platform, tickets, exchange } = rig;
  platform.behaviour = platformPeople({}, () => 1);
  const work = hubPeople(rig, {}, () => 1);
  const number = platform.dispatch({
    title: '井盖缺失',
    text: '东门外',
    requester: { name: '王某', phone: '13812348000' },
  });
  const ours = await tickets.make(rig.ctx, {
    ...{ kind: 'exchange_try', fields: { title: '噪声扰民', content: '夜间施工', outside: true } },
  });
  const theirs = () => platform.ticket('platform', number);
  await waitUntil(
    'the tickets’ end',
    async () => {
      await work();
      await exchange.sender.settled();
      return platform.isIdle && theirs()?.state === 'closed' && platform.ticket('hub', ours.number)?.state === 'closed';
    },
    { everyMs: 20 },
  );
  t.match(theirs()?.heard, ['sign', 'finish']);
  t.match(platform.ticket('hub', ours.number)?.heard, ['dispatch', 'close']);
  const rows = await tickets.rows<{ status: string; source: string; outcome: string }>(
    'SELECT status, source, outcome FROM tickets ORDER BY source',
  );
  t.match(rows, [
    { status: 'ended', source: 'console', outcome: 'closed' },
    { status: 'ended', source: 'exchange', outcome: 'closed' },
  ]);
  const compared = await rig.compare();
  t.match(compared, { state: 'equal', here: 2, there: 2, different: 0 });
  const sealed = await tickets.rows<{ body: Buffer }>('SELECT body FROM exchange_messages');
  t.notOk(
    sealed.some(({ body }) => body.toString('latin1').includes('13812348000')),
    'numbers lie sealed',
  );
});

t.test('tickets both ways through every fault: at the end both have the same', async (t) => {
  const rig = await bringUpExchange(t, { seed: 7 });
  const { platform, tickets, exchange } = rig;
  const random = seededRandom(11);
  platform.behaviour = platformPeople(
    { returns: 0.1, asksExtension: 0.2, rework: 0.2, cancels: 0.1, reminds: 0.2 },
    random,
  );
  const work = hubPeople(rig, { refuses: 0.1, asksExtension: 0.2, rework: 0.2 }, random);
  platform.clockOffMs = -11 * 60_000;
  platform.faults.set({
    ...{
      loseRequest: 0.05,
      loseAnswer: 0.1,
      serverError: 0.1,
      unsignedAnswer: 0.05,
      sendTwice: 0.1,
      sendOldAgain: 0.1,
    },
    ...{ sendEarly: 0.2, wrongSignature: 0.05, lateShare: 0.1, lateMs: 60, loseOwnAnswer: 0.1 },
  });
  for (let i = 0; i < each; i++) {
    platform.dispatch({ title: `诉求 ${i}`, level: i % 3 === 0 ? '急' : '普通' });
    await tickets.make(rig.ctx, { kind: 'exchange_try', fields: { title: `转办 ${i}`, content: 'x', outside: true } });
  }
  const isOver = () => [...platform.tickets.values()].every(({ state }) => state === 'closed' || state === 'cancelled');
  await waitUntil(
    'the tickets’ end',
    async () => {
      const did = await work();
      exchange.sender.wake();
      await exchange.sender.settled();
      await tickets.clock.advance(3_000);
      const [open] = await tickets.rows<{ n: number }>(
        `SELECT count(*)::int AS n FROM exchange_messages WHERE state = 'waiting'`,
      );
      return did === 0 && platform.isIdle && open?.n === 0 && platform.tickets.size === 2 * each && isOver();
    },
    { withinMs: 200_000 + each * 2_000, everyMs: 5 },
  );
  platform.faults.clear();
  const compared = await rig.compare();
  t.match(compared, { state: 'equal', here: 2 * each, there: 2 * each, underWay: 0, differences: [] });
  const [twice] = await tickets.rows<{ n: number }>(
    'SELECT count(*)::int AS n FROM (SELECT origin_key FROM tickets WHERE origin_key IS NOT NULL GROUP BY 1 HAVING count(*) > 1) x',
  );
  t.equal(twice?.n, 0, 'none was made twice');
  const counts = platform.faults.counts;
  const wanted = ['loseAnswer', 'serverError', 'sendTwice', 'wrongSignature', 'loseOwnAnswer'] as const;
  const happened = wanted.filter((fault) => (counts[fault] ?? 0) > 0);
  // A few tickets need not meet every fault.
  t.ok(happened.length >= (each >= 50 ? wanted.length : 2), `faults that happened: ${happened}`);
  t.same([...platform.refused], [], 'nothing of theirs was refused for good');
});

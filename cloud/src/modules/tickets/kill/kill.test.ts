import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { liveTasks, replay } from '@hallhub/shared/ticket';
import t, { type Test } from 'tap';
import { withTenant } from '../../../db/index.js';
import { factsOf } from '../../ticket-statistics/facts-of.js';
import { beginKind, beginsBy } from '../begin/testing.js';
import { openTicket } from '../store/change-ticket.js';
import { loadHistory } from '../store/load-ticket.js';
import { bringUpTickets, type TestTickets } from '../testing.js';
import type { ActOrder } from './act-process.js';
import { witness } from './witness-hook.js';

t.setTimeout(300_000);

const marks = [40, 110];
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const child = fileURLToPath(new URL(`act-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));

const countLines = async (cloud: TestTickets): Promise<number> =>
  (await cloud.rows<{ lines: number }>('SELECT count(*)::int AS lines FROM ticket_history'))[0]?.lines ?? 0;

/** Several at once act, and are killed in the middle of it as the history has so many lines; again and again. */
const killAtMarks = async (cloud: TestTickets, of: Pick<ActOrder, 'parties' | 'begins'>) => {
  const { host, database, user, password } = cloud.db.appPool.options;
  const { tenantId, folder } = cloud;
  const order: ActOrder = { ...of, app: { host, database, user, password }, folder, tenantId };
  const failed: string[] = [];
  const start = async (): Promise<ChildProcess> => {
    const one = fork(child, { execArgv: process.execArgv });
    one.send(order);
    await once(one, 'message');
    one.on('message', (told: { failed?: string }) => void (told.failed && failed.push(told.failed)));
    return one;
  };
  const isInMiddle = async (): Promise<boolean> => {
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = $1 AND state = 'idle in transaction'`;
    return (await cloud.rows(waiting, [String(user)])).length > 0;
  };
  for (const mark of marks) {
    const one = await start();
    const endMs = performance.now() + 60_000;
    const pause = async (why: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (performance.now() > endMs) throw new Error(`${why}: ${failed.join('; ')}`);
    };
    while ((await countLines(cloud)) < mark) await pause(`no ${mark} lines`);
    // Held still, it shows whether it is in the middle of an act; there it is killed.
    for (one.kill('SIGSTOP'); !(await isInMiddle()); one.kill('SIGSTOP')) {
      one.kill('SIGCONT');
      await pause('never in the middle of an act');
    }
    const gone = once(one, 'exit');
    one.kill('SIGKILL');
    await gone;
  }
  // What the dead had open, the server closes as it sees that nobody is there.
  const others = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = $1 AND xact_start IS NOT NULL`;
  const closedMs = performance.now() + 30_000;
  while ((await cloud.rows(others, [String(user)])).length > 0 && performance.now() < closedMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return failed;
};

/** What holds of all tickets together: each as its history says, numbered without gaps. */
const checkAll = async (t: Test, cloud: TestTickets): Promise<void> => {
  const ctx = cloud.systemContext();
  const tickets = await cloud.rows<{ id: string }>('SELECT id FROM tickets ORDER BY id');
  t.ok(tickets.length > 3);
  const problems: string[] = [];
  for (const { id } of tickets) problems.push(...(await problemsOf(cloud, ctx, id)));
  t.same(problems, []);
  const gaps = await cloud.rows(
    `SELECT kind, count(*)::int AS n, max(right(number, 4)::int) AS last FROM tickets GROUP BY kind
     HAVING count(*) <> max(right(number, 4)::int) OR count(DISTINCT number) <> count(*)`,
  );
  t.same(gaps, [], 'numbers have neither gaps nor doubles');
};

t.test('killed with -9 in the middle of acts, again and again: nothing is half done, nothing is lost', async (t) => {
  const cloud = await bringUpTickets(t);
  const people = [await cloud.signInAs('ticket-handler'), await cloud.signInAs('ticket-dispatcher')];
  await cloud.join(cloud.offices.works, [people[0]?.userId ?? '']);
  await cloud.join(cloud.offices.dispatch, [people[1]?.userId ?? '']);
  const parties = [cloud.offices.works, cloud.offices.greens].map((id) => ({ kind: 'office', id }) as const);
  const failed = await killAtMarks(cloud, { parties });
  t.same(failed, [], 'nothing failed but what others were faster at');
  await checkAll(t, cloud);
  const [loose] = await cloud.rows(
    `SELECT (SELECT count(*)::int FROM ticket_history h WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = h.ticket_id AND h.seq <= t.seq)) AS lines,
       (SELECT count(*)::int FROM audit_entries a WHERE a.action = 'ticket.acted' AND NOT EXISTS
         (SELECT 1 FROM ticket_history h WHERE h.ticket_id::text = a.target_id AND h.seq = (a.after ->> 'seq')::int)) AS trail,
       (SELECT count(*)::int FROM notices n WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.id = n.ticket_id)) AS notices`,
  );
  t.same(loose, { lines: 0, trail: 0, notices: 0 }, 'nothing tells of what did not happen');
});

t.test('killed as one ticket begins two others: all of it or nothing, and each once', async (t) => {
  const both = [...beginsBy('b', { as: 'child' }), ...beginsBy('c', { id: 'other' })];
  const kinds = [beginKind('a', { begins: both }), beginKind('b'), beginKind('c')];
  const cloud = await bringUpTickets(t, { kinds });
  const failed = await killAtMarks(cloud, { parties: [], begins: 'a' });
  t.same(failed, []);
  await checkAll(t, cloud);
  const [begun] = await cloud.rows<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM ticket_history WHERE type = 'begin_wanted') AS wanted,
       (SELECT count(*)::int FROM ticket_history WHERE type = 'begun') AS begun,
       (SELECT count(*)::int FROM audit_entries WHERE action = 'ticket.began_another') AS trail,
       (SELECT count(*)::int FROM tickets WHERE origin_system = 'ticket') AS made,
       (SELECT count(DISTINCT origin_key)::int FROM tickets WHERE origin_system = 'ticket') AS origins,
       (SELECT count(*)::int FROM tickets WHERE kind = 'b' AND parent_id IS NOT NULL)
         + (SELECT count(*)::int FROM ticket_links WHERE how = 'caused_by') AS linked,
       (SELECT count(*)::int * 2 FROM tickets t WHERE kind = 'a' AND EXISTS
         (SELECT 1 FROM ticket_history h WHERE h.ticket_id = t.id AND h.type = 'finished')) AS expected`,
  );
  const { expected = 0, ...counts } = begun ?? {};
  t.ok(expected > 0);
  t.same(new Set(Object.values(counts)), new Set([expected]), JSON.stringify(begun));
});

/** All that must hold of one ticket, whatever happened. */
const problemsOf = (cloud: TestTickets, ctx: Parameters<typeof openTicket>[1], ticketId: string): Promise<string[]> =>
  withTenant(cloud.db, ctx.actor, async (tx) => {
    const { ticket, state, world } = await openTicket(tx, ctx, { ticketId });
    const history = (await loadHistory(tx, { tenantId: cloud.tenantId, ticketId })).map(({ event }) => event);
    const problems: string[] = [];
    const check = (holds: boolean, what: string) => void (holds || problems.push(`${ticket.number}: ${what}`));
    const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    const replayed = plain(replay(history)) as Record<string, unknown>;
    const kept = plain(ticket.sealed) as Record<string, unknown>;
    check(
      Object.keys({ ...replayed, ...kept }).every((key) => same(sorted(replayed[key]), sorted(kept[key]))),
      'the history makes another state',
    );
    check(state.status === 'ended' || liveTasks(state).length > 0, 'it is nobody’s');
    const tasks = await cloud.rows<{ id: string; state: string }>(
      'SELECT id, state FROM ticket_tasks WHERE ticket_id = $1 ORDER BY id',
      [ticketId],
    );
    const inState = state.tasks.map(({ id, state: its }) => ({ id, state: its }));
    check(
      same(
        tasks,
        inState.sort((a, b) => (a.id < b.id ? -1 : 1)),
      ),
      'rows of tasks are others',
    );
    const children = await cloud.rows<{ id: string }>(
      `SELECT id FROM tickets WHERE parent_id = $1 AND status <> 'ended' ORDER BY id`,
      [ticketId],
    );
    check(
      same(
        children.map(({ id }) => id),
        [...state.openChildren].sort(),
      ) || state.status === 'ended',
      'children are others',
    );
    const [facts] = await cloud.rows<Record<string, unknown>>('SELECT * FROM ticket_facts WHERE ticket_id = $1', [
      ticketId,
    ]);
    const counted = factsOf(world.kind, state, 'Asia/Shanghai');
    check(
      facts?.returned === counted.returned && facts?.solved === counted.solved && facts?.outcome === counted.outcome,
      'statistics count another',
    );
    const heard = await cloud.rows<{ seq: number }>(
      `SELECT split_part(once, ':', 2)::int AS seq FROM notices WHERE person_id = $1 AND ticket_id = $2 ORDER BY 1`,
      [witness, ticketId],
    );
    check(heard.at(-1)?.seq === state.seq, 'its last act was told to nobody');
    check(
      heard.every(({ seq }) => history.some((line) => line.seq === seq)),
      'an act was told that is none',
    );
    return problems;
  });

const sorted = (value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([k, v]) => [k, sorted(v)]),
      )
    : Array.isArray(value)
      ? value.map(sorted)
      : value;

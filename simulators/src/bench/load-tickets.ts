import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@hallhub/shared';
import { folderBlobStore } from '../../../cloud/src/blobs/index.js';
import { silentLogger } from '../../../cloud/src/db/index.js';
import { noticeHook } from '../../../cloud/src/modules/notices/index.js';
import { createSealing } from '../../../cloud/src/modules/pki/sealing.js';
import { noteClocks } from '../../../cloud/src/modules/tickets/clocks/note-clocks.js';
import { openTickets, registerTicketHook } from '../../../cloud/src/modules/tickets/index.js';
import type { ApiClient } from '../e2e/api-client.js';
import { seededRandom } from '../random.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { LoadRig } from './load/load-rig.js';
import { isFull, percentOfCore, sleep, tenths } from './load/load-shape.js';
import { bigTicketsIn, signIn } from './load/tickets/kept-tickets.js';
import { type CrowdTimes, crowdAtWork, type Deed, type Member } from './load/tickets/ticket-crowd.js';
import { type Asked, asked } from './load/tickets/ticket-questions.js';
import { quantile } from './statistics.js';

const keptAt = process.argv.indexOf('--keep');
const keepIn = keptAt < 0 ? undefined : process.argv[keptAt + 1];
const crowdSize = { reception: 20, dispatch: 4, visits: 6, handler: 20 };
const mebi = 2 ** 20;

await runBench(async ({ progress, quick }) => {
  const tickets = isFull ? 1_000_000 : quick ? 10_000 : 100_000;
  const shape = { tickets, open: tickets / 10, texts: Math.min(20_000, tickets) };
  const beganMs = performance.now();
  const profile = process.env.HALLHUB_BENCH_PROFILE;
  await using rig = await LoadRig.open({
    ...{ args: ['--seed-demo'], keepIn },
    nodeArgs: profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [],
  });
  const town = await bigTicketsIn(rig, { shape, progress });
  const size = `${town.tickets.toLocaleString('en-US')} tickets over three years, ${town.open.toLocaleString('en-US')} of them open, ${town.historyLines.toLocaleString('en-US')} lines of history, ${digits(town.bytes / 2 ** 30)} GiB`;
  for (;;) {
    // A run that was cut off left clocks to be computed anew.
    const { rows } = await rig.database.ownerPool.query<{ n: string }>(
      `SELECT count(*) AS n FROM tickets t WHERE t.tenant_id = $1 AND t.status <> 'ended' AND t.clock_stamp <>
         (SELECT md5(string_agg(concat_ws(' ', code, version, extract(epoch FROM updated_at)), ',' ORDER BY code)) FROM work_calendars WHERE tenant_id = $1)`,
      [town.tenantId],
    );
    if (Number(rows[0]?.n) === 0) break;
    progress(`${rows[0]?.n} tickets are computed anew first`);
    await sleep(10_000);
  }
  progress(`${size}; after ${Math.round((performance.now() - beganMs) / 1_000)} s`);
  const pool = rig.database.ownerPool;
  const figures: Figure[] = [];
  const load = () => `load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}`;
  const note = (name: string, took: readonly number[], { atMostMs, how }: { atMostMs?: number; how: string }) => {
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(took, share)) as [number, number, number];
    progress(`${name}: p50 ${digits(p50)}, p95 ${digits(p95)}, p99 ${digits(p99)} ms of ${took.length}`);
    figures.push({
      what: `${name}, p95`,
      ...{ value: tenths(p95), unit: 'ms', ...(atMostMs === undefined ? {} : { aim: { atMost: atMostMs } }) },
      detail: `p50 ${digits(p50)} ms, p99 ${digits(p99)} ms, slowest ${digits(quantile(took, 1))} ms of ${took.length}, ${how}, ${load()}; ${size}`,
    });
  };
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const fromMs = performance.now();
    await run();
    return performance.now() - fromMs;
  };
  const inTurn = async (turns: number, run: (turn: number) => Promise<unknown>): Promise<number[]> => {
    const took: number[] = [];
    for (let turn = 0; turn < turns; turn++) took.push(await timed(() => run(turn)));
    return took;
  };
  const some = await pool.query<{ id: string; title: string; number: string }>(
    `SELECT id, title, number FROM tickets TABLESAMPLE SYSTEM (0.5) WHERE title LIKE '%（%' LIMIT 200`,
  );
  const rare = some.rows.map(({ title }) => title.slice(-4, -1));
  const numbers = some.rows.map(({ number }) => number);
  const bare = async (): Promise<void> => {
    await pool.query('CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, text text)');
    const select = await inTurn(200, (n) =>
      pool.query('SELECT number FROM tickets WHERE id = $1', [some.rows[n % some.rows.length]?.id]),
    );
    const insert = await inTurn(200, () => pool.query(`INSERT INTO bench_bare (text) VALUES ('x')`));
    note('beside: one row by its key', select, { how: 'bare SQL in the same minutes' });
    note('beside: one row added and committed', insert, { how: 'bare SQL in the same minutes' });
  };
  await bare();

  const by = (role: string, nth = 3) => town.people.filter((one) => one.role === role)[nth]?.userName ?? '';
  const people: Readonly<Record<Asked['who'], ApiClient>> = {
    ...{ leader: await signIn(rig, town.leaderName), dispatcher: await signIn(rig, by('dispatch')) },
    ...{ handler: await signIn(rig, by('handler')), clerk: await signIn(rig, by('reception')) },
  };
  for (const { name, path, who, atMostMs } of asked(rare, numbers)) {
    const turns = quick ? 5 : atMostMs > 1_000 ? 10 : 40;
    await people[who].get(path(turns));
    note(name, await inTurn(turns, (turn) => people[who].get(path(turn))), {
      atMostMs,
      how: 'one after the other through the API',
    });
  }
  const suggested = await inTurn(quick ? 5 : 30, (turn) =>
    people.clerk.post('/ticket-assist/suggest', {
      kind: 'citizen_request',
      fields: {
        title: '路灯不亮',
        content: `第${turn}街路灯坏了，晚上出行不便`,
        phone: `138${String(turn).padStart(8, '0')}`,
        place: { text: '人民路80号', lon: 117.2 + turn / 1_000, lat: 31.8 },
      },
    }),
  );
  note('suggestions for a request', suggested, { how: 'one after the other through the API' });

  const members: Member[] = [];
  for (const [role, count] of Object.entries(crowdSize)) {
    for (let nth = 0; nth < count; nth++) members.push({ role, api: await signIn(rig, by(role, nth)) });
  }
  const random = seededRandom(5);
  const atWork = async (name: string, pace: { readonly forMs: number; readonly thinksMs: number }): Promise<void> => {
    const [before, fromMs] = [rig.cpu(), performance.now()];
    const { handlingOffices } = town;
    const crowd: CrowdTimes = await crowdAtWork(members, { ...pace, random, handlingOffices });
    const [after, wallMs] = [rig.cpu(), performance.now() - fromMs];
    const deeds = Object.values(crowd.took).reduce((sum, { length }) => sum + length, 0);
    const cpu = `Node ${percentOfCore(after.cloud - before.cloud, wallMs)}, PostgreSQL ${percentOfCore(after.postgres - before.postgres, wallMs)} of a core`;
    const how = `${name}: ${members.length} people with sessions, each ${digits(pace.thinksMs / 1_000)} s between an answer and the next question, ${digits((deeds * 1_000) / wallMs)} requests a second, ${cpu}, the people themselves on the same cores; ${crowd.errors.length} errors, ${crowd.overtaken} overtaken by a colleague`;
    const aims: Readonly<Record<Deed, number>> = {
      'to-do': 100,
      page: 100,
      counts: 100,
      search: 200,
      make: 50,
      act: 50,
    };
    progress(how);
    for (const error of crowd.errors.slice(0, 3)) progress(error);
    for (const [deed, took] of Object.entries(crowd.took) as [Deed, number[]][]) {
      if (took.length > 0) note(`${name}: ${deed}`, took, { atMostMs: aims[deed], how });
    }
  };
  await bare();
  // As people at a desk work, who read what they see; then in a hurry that fifty people never have at once.
  await atWork('50 people at a desk', { forMs: quick ? 8_000 : 120_000, thinksMs: quick ? 1_000 : 6_000 });
  await atWork('50 people in a hurry', { forMs: quick ? 8_000 : isFull ? 60_000 : 40_000, thinksMs: 1_000 });

  openTickets({
    ...{ database: rig.database, clock: systemClock, live: { publish: () => undefined }, log: silentLogger },
    sealing: createSealing('a secret of the benches, long enough for everybody'),
    ...{ blobs: folderBlobStore(join(rig.folder, 'blobs')), uploadsDir: join(rig.folder, 'uploads') },
  });
  registerTicketHook(rig.database, noticeHook);
  const deps = { database: rig.database, clock: systemClock, live: { publish: () => undefined } };
  const running = `${town.runningClocks.toLocaleString('en-US')} clocks run`;
  await noteClocks(deps);
  note('sweep, nothing due', await inTurn(10, () => noteClocks(deps)), { atMostMs: 1_000, how: running });
  const sweeps: number[] = [];
  for (let round = 0; round < 3; round++) {
    const due = await pool.query(
      `UPDATE ticket_clock_events SET noted_at = NULL WHERE (ticket_id, clock, run, what, place, promised_ms) IN
         (SELECT e.ticket_id, e.clock, e.run, e.what, e.place, e.promised_ms FROM ticket_clock_events e JOIN tickets t ON t.id = e.ticket_id
          WHERE e.noted_at IS NOT NULL AND t.status = 'running' ORDER BY e.at DESC LIMIT $1)`,
      [Math.ceil(town.runningClocks / 100)],
    );
    progress(`${due.rowCount} are due`);
    sweeps.push(await timed(() => noteClocks(deps)));
  }
  note('sweep, one clock in a hundred due', sweeps, {
    atMostMs: 1_000,
    how: `${running}; notices are written with it`,
  });

  const peak = async (run: () => Promise<void>): Promise<number> => {
    const rssOf = () =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${rig.clouds[0]?.pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
    const before = rssOf();
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, rssOf());
    }, 50);
    await run();
    clearInterval(timer);
    return most - before;
  };
  let bytes = 0;
  const grown = await peak(async () => {
    const answer = await fetch(`${rig.ready.http}/api/v1/tickets/export?view=all&format=csv`, {
      headers: { cookie: people.dispatcher.cookie },
    });
    for await (const chunk of answer.body ?? []) bytes += (chunk as Uint8Array).length;
  });
  figures.push({
    what: 'an export as CSV: memory of the cloud process beyond what it had',
    ...{ value: tenths(grown / mebi), unit: 'MiB', aim: { atMost: 200 } },
    detail: `${digits(bytes / mebi)} MiB of CSV; ${size}`,
  });

  const stamp = await pool.query<{ stamp: string; n: string }>(
    `SELECT clock_stamp AS stamp, count(*) AS n FROM tickets WHERE status <> 'ended' GROUP BY 1 ORDER BY 2 DESC LIMIT 1`,
  );
  const old = stamp.rows[0]?.stamp;
  const calendars = await pool.query<{ calendars: unknown }>(
    'SELECT jsonb_agg(to_jsonb(c)) AS calendars FROM work_calendars c WHERE tenant_id = $1',
    [town.tenantId],
  );
  await pool.query(
    `UPDATE work_calendars SET version = version + 1, updated_at = now(), document = jsonb_set(document, '{days,2031-01-02}', '[]') WHERE tenant_id = $1`,
    [town.tenantId],
  );
  const changedMs = performance.now();
  const left = async () =>
    Number(
      (
        await pool.query<{ n: string }>(
          `SELECT count(*) AS n FROM tickets WHERE status <> 'ended' AND clock_stamp = $1`,
          [old],
        )
      ).rows[0]?.n,
    );
  const all = await left();
  await sleep(1_000);
  const forMs = quick ? 8_000 : isFull ? 90_000 : 45_000;
  await atWork('50 people in a hurry while clocks are computed anew', { forMs, thinksMs: 1_000 });
  const done = all - (await left());
  const seconds = (performance.now() - changedMs) / 1_000;
  figures.push({
    what: 'a calendar changed: clocks of tickets computed anew, a second',
    ...{ value: tenths(done / seconds), unit: '/s' },
    detail: `${done.toLocaleString('en-US')} of ${all.toLocaleString('en-US')} open tickets within ${digits(seconds)} s, up to a minute of it waiting for the job, while 50 people work, ${load()}; ${size}`,
  });
  await bare();
  if (keepIn !== undefined) {
    // As they were, for the next run: nothing of the day that was added reaches any clock.
    await rig.stopCloud();
    await pool.query(
      `UPDATE work_calendars c SET version = x.version, updated_at = x.updated_at, document = x.document
       FROM jsonb_populate_recordset(NULL::work_calendars, $2::jsonb) x WHERE c.tenant_id = $1 AND c.tenant_id = x.tenant_id AND c.code = x.code`,
      [town.tenantId, JSON.stringify(calendars.rows[0]?.calendars)],
    );
    await pool.query(`UPDATE tickets SET clock_stamp = $1 WHERE status <> 'ended' AND clock_stamp <> $1`, [old]);
    for (const table of ['tickets', 'ticket_tasks', 'ticket_clocks', 'ticket_clock_events']) {
      await pool.query(`VACUUM (ANALYZE) ${table}`);
    }
  }
  if (keepIn === undefined) rmSync(join(rig.folder, 'uploads'), { recursive: true, force: true });
  return figures;
});

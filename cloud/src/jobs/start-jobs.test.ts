import t from 'tap';
import { silentLogger, startTestDatabase } from '../db/testing.js';
import { type JobDefinition, startJobs } from './index.js';
import { takeUpLost } from './run-lease.js';

const fast = { logger: silentLogger, pollingSeconds: 0.5 };

const until = async (condition: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> => {
  const endMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

t.test('over two processes one run is active and one waits', async (t) => {
  const database = await startTestDatabase(t);
  let active = 0;
  let most = 0;
  let runs = 0;
  const gate: (() => void)[] = [];
  const job: JobDefinition = {
    name: 'test.slow',
    run: async () => {
      most = Math.max(most, ++active);
      await new Promise<void>((resolve) => gate.push(resolve));
      active--;
      runs++;
    },
  };
  const processes = [
    await startJobs({ database, ...fast, jobs: [job] }),
    await startJobs({ database, ...fast, jobs: [job] }),
  ];
  t.ok(await processes[0]?.send('test.slow'));
  await until(() => active === 1);
  t.ok(await processes[1]?.send('test.slow'), 'one may wait');
  t.equal(await processes[1]?.send('test.slow'), null, 'a second one that waits is the same work');
  gate.shift()?.();
  await until(() => runs === 1 && active === 1);
  gate.shift()?.();
  await until(() => runs === 2);
  t.equal(most, 1);
  await Promise.all(processes.map((jobs) => jobs.close()));
});

t.test('a failing job is logged, retried, and does not stop its neighbours', async (t) => {
  const database = await startTestDatabase(t);
  const errors: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: unknown) => errors.push(fields) } as typeof silentLogger;
  let failures = 0;
  let done = 0;
  const jobs = await startJobs({
    database,
    logger,
    pollingSeconds: 0.5,
    jobs: [
      {
        name: 'test.broken',
        run: async () => {
          failures++;
          throw new Error('no such luck');
        },
      },
      { name: 'test.fine', run: async () => ++done },
    ],
  });
  await jobs.send('test.broken');
  await jobs.send('test.fine');
  await until(() => failures === 1 && done === 1);
  await until(async () => {
    const { rows } = await database.ownerPool.query(`SELECT state FROM jobs.job WHERE name = 'test.broken'`);
    return rows[0]?.state === 'retry';
  });
  t.match(errors, [{ job: 'test.broken' }]);
  t.throws(() => jobs.send('test.unknown'), { code: 'bug' });
  await jobs.close();
});

t.test('close aborts what runs, and old schedules go', async (t) => {
  const database = await startTestDatabase(t);
  let aborted = false;
  let started = false;
  const job: JobDefinition = {
    name: 'test.long',
    cron: '0 0 1 1 *',
    run: (_, signal) =>
      new Promise((_, reject) => {
        started = true;
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(signal.reason);
        });
      }),
  };
  const jobs = await startJobs({ database, ...fast, jobs: [job] });
  const schedules = async () =>
    (await database.ownerPool.query('SELECT name FROM jobs.schedule')).rows.map((row) => row.name);
  t.same(await schedules(), ['test.long']);
  await jobs.send('test.long');
  await until(() => started);
  await jobs.close();
  t.ok(aborted);
  const next = await startJobs({ database, ...fast, jobs: [] });
  t.same(await schedules(), []);
  await next.close();
});

t.test(
  'a run whose process died is taken up within a minute, and a living one is not',
  { timeout: 290_000 },
  async (t) => {
    const database = await startTestDatabase(t);
    let runs = 0;
    const gate: (() => void)[] = [];
    const job: JobDefinition = {
      name: 'test.lease',
      run: async () => {
        runs++;
        await new Promise<void>((resolve) => gate.push(resolve));
      },
    };
    const jobs = await startJobs({ database, ...fast, jobs: [job] });
    await jobs.send('test.lease');
    await until(() => runs === 1);
    const left = async (): Promise<number> => {
      const { rows } = await database.ownerPool.query(
        `SELECT extract(epoch FROM started_on + expire_in - now())::float8 AS s FROM jobs.job WHERE name = 'test.lease' AND state = 'active'`,
      );
      return rows[0]?.s ?? 0;
    };
    const first = await left();
    t.ok(first > 20 && first <= 30, `its lease ends in ${first} s`);
    t.same(await takeUpLost(database.ownerPool, ['test.lease']), [], 'it lives');
    gate.shift()?.();
    await until(async () => (await left()) === 0);
    await jobs.close();

    // A row as a killed process leaves it: active, and its lease over.
    await database.ownerPool.query(
      `INSERT INTO jobs.job (name, state, policy, started_on, expire_in, retry_limit) VALUES ('test.lease', 'active', 'stately', now() - interval '601 s', '600 s', 2)`,
    );
    const next = await startJobs({ database, ...fast, jobs: [job] });
    await until(() => runs === 2);
    gate.shift()?.();
    await next.close();
  },
);

t.test('a tick of the clock that both processes see runs once', { timeout: 290_000 }, async (t) => {
  const database = await startTestDatabase(t);
  const startMs = Date.now();
  const runs: number[] = [];
  const jobOf = (of: number): JobDefinition => ({
    name: 'test.tick',
    cron: '* * * * *',
    run: async () => runs.push(of),
  });
  // Both look at the clock every second; a tick of each minute is due during all of that minute.
  const processes = await Promise.all([0, 1].map((of) => startJobs({ database, ...fast, jobs: [jobOf(of)] })));
  const count = async (text: string): Promise<number> => (await database.ownerPool.query(text)).rowCount ?? 0;
  await until(() => runs.length > 0);
  // A look at the clock is stamped, and keeps the other from looking for a second; stamped a minute ago, each looks as often as it would alone.
  let looks = 0;
  await until(async () => {
    looks += await count(
      `UPDATE jobs.version SET cron_on = cron_on - interval '1 minute' WHERE cron_on > now() - interval '30 s'`,
    );
    return looks > 5;
  });
  const waiting = `SELECT 1 FROM jobs.job WHERE name = '__pgboss__send-it' AND state < 'completed'`;
  await until(async () => (await count(waiting)) === 0);
  const minutes = Math.floor(Date.now() / 60_000) - Math.floor(startMs / 60_000) + 1;
  t.ok(runs.length <= minutes, `${runs.length} runs within ${minutes} minutes of the clock, ${looks} looks at it`);
  const { rows } = await database.ownerPool.query(`SELECT id FROM jobs.job WHERE name = 'test.tick'`);
  t.ok(rows.length <= minutes, 'nor does another wait');
  await Promise.all(processes.map((jobs) => jobs.close()));
});

import { HubError, ManualClock } from '@hallhub/shared';
import t from 'tap';
import { silentLogger } from '../ports/index.js';
import { type RunContext, SupervisedRun } from './supervised-run.js';

const bench = (run: (context: RunContext) => Promise<void>) => {
  const clock = new ManualClock();
  const failures: HubError[] = [];
  const supervised = new SupervisedRun({
    clock,
    logger: silentLogger,
    run,
    onFailure: (error) => failures.push(error),
    onStatus: () => undefined,
    firstBackoffMs: 1_000,
    maxBackoffMs: 8_000,
  });
  return { clock, supervised, failures };
};

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

t.test('what throws is started again, after pauses that grow', async (t) => {
  let runs = 0;
  const { clock, supervised, failures } = bench(async () => {
    runs++;
    throw new TypeError('a bug');
  });
  supervised.start();
  supervised.start();
  await clock.advance(0);
  t.equal(runs, 1, 'started once');
  t.match(supervised.status(), { state: 'waiting', reason: 'a bug' });
  await clock.advance(1_000);
  t.equal(runs, 2);
  // Pauses vary by a fifth: the first ends after 0.8 to 1 s, the second 1.6 to 2 s later.
  await clock.advance(1_300);
  t.equal(runs, 2, 'the second pause is longer');
  await clock.advance(30_000);
  t.ok(runs >= 5 && runs <= 8, `${runs} runs`);
  t.equal(failures[0]?.code, 'bug');
  await supervised.stop();
  t.equal(supervised.status().state, 'stopped');
  const before = runs;
  await clock.advance(60_000);
  t.equal(runs, before);
});

t.test('a wrong configuration is not tried again', async (t) => {
  const { clock, supervised } = bench(async () => {
    throw new HubError('configuration', 'no such line', { hint: 'mend edge.yaml' });
  });
  supervised.start();
  await clock.advance(100_000);
  t.match(supervised.status(), { state: 'failed', reason: 'no such line (mend edge.yaml)' });
  t.equal(supervised.counters.runs, 1);
});

t.test('a run that lasted is retried soon; retryNow ends a pause', async (t) => {
  let runs = 0;
  const { clock, supervised } = bench(async ({ signal, running }) => {
    if (++runs !== 4) throw new HubError('link_refused', 'nobody there');
    running();
    await clock.sleep(20_000, signal);
    throw new HubError('link_lost', 'gone');
  });
  supervised.start();
  await clock.advance(1_000);
  await clock.advance(2_000);
  await clock.advance(4_000);
  t.equal(runs, 4);
  t.equal(supervised.status().state, 'running');
  await clock.advance(21_000);
  t.equal(runs, 5, 'a second after the loss, not eight');
  supervised.retryNow();
  await clock.advance(0);
  t.equal(runs, 6);
  await supervised.stop();
});

t.test('a run that ignores its signal does not hold up stopping', async (t) => {
  const { clock, supervised } = bench(() => new Promise(() => undefined));
  supervised.start();
  const stopping = supervised.stop();
  await clock.advance(2_000);
  await stopping;
  t.equal(supervised.status().state, 'stopped');
});

t.test('stop waits for a run that ends cleanly', async (t) => {
  let ended = false;
  const { supervised } = bench(async ({ signal, running }) => {
    running();
    await untilAborted(signal).catch(() => undefined);
    ended = true;
  });
  supervised.start();
  await supervised.stop();
  t.ok(ended);
});

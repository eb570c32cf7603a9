import { HubError, ManualClock } from '@hallhub/shared';
import t from 'tap';
import { type BusMember, FairBus } from './fair-bus.js';

class Poller implements BusMember<string[]> {
  dueMs = 0;
  constructor(
    private readonly name: string,
    private readonly clock: ManualClock,
    private readonly everyMs: number,
    private readonly takesMs = 1,
  ) {}

  nextDueMs(): number {
    return this.dueMs;
  }

  async work(log: string[]): Promise<void> {
    log.push(this.name);
    await this.clock.sleep(this.takesMs);
    this.dueMs = this.clock.monotonicMs() + this.everyMs;
  }
}

const bench = () => {
  const clock = new ManualClock();
  const bus = new FairBus<string[]>(clock);
  const log: string[] = [];
  const abort = new AbortController();
  return { clock, bus, log, abort, serve: () => bus.serve(log, abort.signal) };
};

t.test('a busy member starves nobody', async (t) => {
  const { clock, bus, log, abort, serve } = bench();
  bus.join(new Poller('greedy', clock, 0));
  bus.join(new Poller('modest', clock, 10));
  const serving = serve();
  await clock.advance(200);
  abort.abort();
  await clock.advance(5);
  await serving;
  const modest = log.filter((name) => name === 'modest').length;
  t.ok(modest >= 14 && modest <= 20, `${modest} turns in 200 ms at one in 10`);
});

t.test('what a person waits for goes next, and polls still get every other turn', async (t) => {
  const { clock, bus, log, abort, serve } = bench();
  bus.join(new Poller('poll', clock, 0));
  const serving = serve();
  await clock.advance(3);
  const asked = Array.from({ length: 4 }, (_, at) =>
    bus.request(async (client) => {
      client.push(`job ${at}`);
      await clock.sleep(1);
    }),
  );
  const before = log.length;
  await clock.advance(10);
  await Promise.all(asked);
  t.same(log.slice(before, before + 7), ['job 0', 'poll', 'job 1', 'poll', 'job 2', 'poll', 'job 3']);
  abort.abort();
  await clock.advance(5);
  await serving;
});

t.test('one at a time, aborted ones never run, and the gap is kept', async (t) => {
  const clock = new ManualClock();
  const bus = new FairBus<string[]>(clock, 5);
  const abort = new AbortController();
  const serving = bus.serve([], abort.signal);
  let running = 0;
  const at: number[] = [];
  const job = () =>
    bus.request(async () => {
      t.equal(++running, 1);
      at.push(clock.monotonicMs());
      await clock.sleep(10);
      running--;
    });
  const cancel = new AbortController();
  const jobs = [job(), job()];
  const cancelled = bus.request(async () => t.fail('it was aborted'), { signal: cancel.signal });
  cancel.abort(new Error('no longer'));
  await t.rejects(cancelled, { message: 'no longer' });
  await clock.advance(50);
  await Promise.all(jobs);
  t.same(at, [5, 20]);
  abort.abort();
  await serving;
});

t.test('a bus that is down rejects at once, with the reason', async (t) => {
  const { bus, abort, serve } = bench();
  await t.rejects(
    bus.request(async () => 1),
    { code: 'unavailable' },
  );
  const serving = serve();
  const waiting = bus.request(() => Promise.resolve(1), { notBeforeMs: 1e9 });
  abort.abort(new HubError('link_lost', 'the cable is out'));
  await t.rejects(waiting, { code: 'link_lost' });
  await serving;
  await t.rejects(
    bus.request(async () => 1),
    { code: 'link_lost' },
  );
});

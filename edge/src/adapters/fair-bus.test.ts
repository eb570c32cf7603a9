import { HubError, ManualClock } from '@hallhub/shared';
import fc from 'fast-check';
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

t.test('one at a time, and aborted ones never run', async (t) => {
  const { clock, bus, abort, serve } = bench();
  const serving = serve();
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
  t.same(at, [0, 10]);
  abort.abort();
  await serving;
});

t.test('owners take turns: a slow one with many requests delays another by one of them', async (t) => {
  const { clock, bus, log, abort, serve } = bench();
  const serving = serve();
  const [hung, quick] = [{}, {}];
  const job = (name: string, takesMs: number, owner: object) =>
    bus.request(
      async (client) => {
        client.push(name);
        await clock.sleep(takesMs);
      },
      { owner },
    );
  const jobs = [...Array.from({ length: 5 }, (_, i) => job(`hung ${i}`, 1_000, hung)), job('quick', 1, quick)];
  await clock.advance(10_000);
  await Promise.all(jobs);
  t.same(log, ['hung 0', 'quick', 'hung 1', 'hung 2', 'hung 3', 'hung 4']);
  abort.abort();
  await serving;
});

t.test('what runs in the background takes turns with the polls', async (t) => {
  const { clock, bus, log, abort, serve } = bench();
  for (const name of ['a', 'b']) bus.join(new Poller(name, clock, 0));
  const serving = serve();
  await clock.advance(10);
  const searching = Array.from({ length: 3 }, () =>
    bus.request(
      async (client) => {
        client.push('search');
        await clock.sleep(1);
      },
      { background: true },
    ),
  );
  const before = log.length;
  await clock.advance(20);
  await Promise.all(searching);
  const gaps = log.slice(before).join(' ').split('search').length - 1;
  t.equal(gaps, 3);
  t.notMatch(log.slice(before, before + 9).join(' '), /search search/);
  abort.abort();
  await clock.advance(5);
  await serving;
});

t.test('more waiting than the bus can ever do is refused', async (t) => {
  const { bus, abort, serve } = bench();
  const serving = serve();
  const never = { notBeforeMs: 1e9 };
  const waiting = Array.from({ length: 256 }, () => bus.request(async () => 1, never).catch(() => 0));
  await t.rejects(
    bus.request(async () => 1, never),
    { code: 'unavailable', message: /already wait/ },
  );
  abort.abort();
  await Promise.all(waiting);
  await serving;
});

t.test(
  'nobody starves: whoever is due waits for one turn of each other and a person’s request before each',
  async (t) => {
    const member = fc.record({ everyMs: fc.nat(60), takesMs: fc.integer({ min: 1, max: 9 }) });
    const asked = fc.record({ atMs: fc.nat(150), takesMs: fc.integer({ min: 1, max: 9 }), owner: fc.nat(2) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { minLength: 1, maxLength: 6 }),
        fc.array(asked, { maxLength: 25 }),
        async (members, jobs) => {
          const { clock, bus, log, abort, serve } = bench();
          const owners = [{}, {}, {}];
          const longestMs = Math.max(...members.map((one) => one.takesMs));
          const longestJobMs = Math.max(0, ...jobs.map((one) => one.takesMs));
          const boundMs = members.length * (longestMs + longestJobMs) + longestJobMs;
          const waits: number[] = [];
          for (const { everyMs, takesMs } of members) {
            let dueMs = 0;
            bus.join({
              nextDueMs: () => dueMs,
              work: async () => {
                waits.push(clock.monotonicMs() - dueMs);
                await clock.sleep(takesMs);
                dueMs = clock.monotonicMs() + everyMs;
              },
            });
          }
          const jobWaits: number[] = [];
          for (const { atMs, takesMs, owner } of jobs) {
            clock.setTimeout(() => {
              const queued = bus.waitingJobs;
              bus
                .request(
                  async () => {
                    jobWaits.push(clock.monotonicMs() - atMs - (queued + 1) * (longestMs + longestJobMs));
                    await clock.sleep(takesMs);
                  },
                  { owner: owners[owner] as object },
                )
                .catch(() => undefined);
            }, atMs);
          }
          const serving = serve();
          await clock.advance(400);
          abort.abort();
          await clock.advance(20);
          await serving;
          log.length = 0;
          // A request waits for those that waited before it, one poll between each; later ones of other owners may pass it once each.
          const passing = 2 * (longestMs + longestJobMs);
          return (
            waits.length > 0 &&
            waits.every((ms) => ms <= boundMs) &&
            jobWaits.every((ms) => ms <= passing + longestMs + longestJobMs)
          );
        },
      ),
      { numRuns: 150 },
    );
    t.pass();
  },
);

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

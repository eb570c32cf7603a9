import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { HubError, ManualClock, uuidv7 } from '@hallhub/shared';
import type { CommandMessage } from '@hallhub/shared/wire';
import t, { type Test } from 'tap';
import { ClockSegments, Outbox } from '../outbox/index.js';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { CommandInbox } from './command-inbox.js';
import { CommandRunner, type Execution } from './command-runner.js';

const [one, two] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'];
const unitId = '01900000-0000-7000-8000-00000000000a';

const rigFor = (test: Test) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-commands-'));
  const clock = new ManualClock();
  const sent: string[] = [];
  const answers = new Map<
    string,
    { resolve: (output?: Record<string, unknown>) => void; reject: (error: unknown) => void }
  >();
  let refuse: HubError | undefined;
  let sleptMs = 0;
  const absent = new Map<string, number>();
  const elapsedMs = () => clock.monotonicMs() + sleptMs;
  const open = () => {
    const store = new Store({ dataDir: dir, clock, logger: silentLogger });
    const segments = new ClockSegments({ hub: store.hub, clock, bootId: uuidv7(), logger: silentLogger });
    const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
    const inbox = new CommandInbox({ store, outbox, clock });
    const prepare = (command: { commandId: string }): Execution => {
      if (refuse) throw refuse;
      return {
        timeoutMs: 10_000,
        run: () => {
          sent.push(command.commandId);
          // On disk before the first byte: that is what at most once stands on.
          test.equal(
            store.hub.commit.db
              .prepare('SELECT state FROM command WHERE command_id = ?')
              .pluck()
              .get(command.commandId),
            'running',
          );
          return new Promise((resolve, reject) => answers.set(command.commandId, { resolve, reject }));
        },
      };
    };
    return {
      store,
      outbox,
      inbox,
      runner: new CommandRunner({
        ...{ inbox, clock, logger: silentLogger, prepare, elapsedMs },
        unknownForMs: (deviceId) => Math.max(0, (absent.get(deviceId) ?? 0) - clock.monotonicMs()),
      }),
    };
  };
  const rig = {
    ...open(),
    clock,
    sent,
    answers,
    refuse: (error: HubError) => {
      refuse = error;
    },
    /** Not heard since the start: for so long nobody knows whether it is there. */
    unheard: (deviceId: string, ms: number) => {
      absent.set(deviceId, clock.monotonicMs() + ms);
    },
    heard: async (deviceId: string) => {
      absent.delete(deviceId);
      rig.runner.look(deviceId);
      await rig.settle();
    },
    /** The machine sleeps: its monotonic clock stands still, and so do its timers. */
    sleep: (ms: number) => {
      sleptMs += ms;
    },
    message: (more: Partial<CommandMessage> = {}): CommandMessage => ({
      v: 1,
      type: 'command',
      id: uuidv7(),
      target: { deviceId: one },
      name: 'callNext',
      input: {},
      remainingMs: 30_000,
      issuedAt: clock.now(),
      ...more,
    }),
    accept: async (message: Parameters<CommandRunner['accept']>[0]) => {
      const accepted = rig.runner.accept(message);
      await rig.settle();
      await accepted;
    },
    /** Commits follow one another, each a few milliseconds after what caused it. */
    settle: async (ms = 200) => {
      for (let i = 0; i < 20; i++) await clock.advance(ms / 20);
    },
    states: (id?: string) =>
      [...rig.outbox.lane('events').read(1, 1_000)]
        .map(({ body }) => JSON.parse(body.toString()))
        .filter((row) => row.kind === 'command' && (id === undefined || row.commandId === id))
        .map(({ state, error }) => (error ? `${state} ${error.code}` : state)),
    /** As a power cut would: no stop, no goodbye. */
    crash: async () => {
      rig.store.close();
      Object.assign(rig, open());
      const starting = rig.runner.start();
      await rig.settle();
      await starting;
      await rig.settle();
    },
  };
  test.teardown(() => {
    rig.store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return rig;
};

t.test('received, running, succeeded; the same id again only repeats the state', async (t) => {
  const rig = rigFor(t);
  const message = rig.message();
  await rig.accept(message);
  await rig.accept(message);
  t.same(rig.states(), ['received', 'running', 'running']);
  rig.answers.get(message.id)?.resolve({ ticket: 'A1' });
  await rig.settle();
  await rig.accept(message);
  t.same(rig.states(), ['received', 'running', 'running', 'succeeded', 'succeeded']);
  t.same(rig.sent, [message.id]);
});

t.test('a crash while it runs makes it unknown, and it is never run again', async (t) => {
  const rig = rigFor(t);
  const message = rig.message();
  await rig.accept(message);
  await rig.crash();
  await rig.accept(message);
  t.same(rig.states(), ['received', 'running', 'unknown agent_restarted', 'unknown agent_restarted']);
  t.same(rig.sent, [message.id]);
});

t.test('a crash before it ran lets it run after, if its time is not over', async (t) => {
  const rig = rigFor(t);
  const [first, second, third] = [rig.message(), rig.message(), rig.message({ remainingMs: 400 })];
  for (const message of [first, second, third]) await rig.accept(message);
  await rig.crash();
  t.same(rig.states(first.id), ['received', 'running', 'unknown agent_restarted']);
  t.same(rig.sent, [first.id, second.id]);
  t.same(rig.states(third.id), ['received', 'expired deadline']);
});

t.test('one at a time per device, in order; devices do not wait for each other', async (t) => {
  const rig = rigFor(t);
  const [a, b, c] = [rig.message(), rig.message(), rig.message({ target: { deviceId: two } })];
  for (const message of [a, b, c]) await rig.accept(message);
  t.same(rig.sent, [a.id, c.id]);
  rig.answers.get(a.id)?.resolve();
  await rig.settle();
  t.same(rig.sent, [a.id, c.id, b.id]);
});

t.test('a hanging device is ended by its time-out and blocks only itself', async (t) => {
  const rig = rigFor(t);
  const [hangs, waits] = [rig.message(), rig.message()];
  await rig.accept(hangs);
  await rig.accept(waits);
  await rig.settle(10_000);
  await rig.settle();
  t.same(rig.states(hangs.id), ['received', 'running', 'failed timeout']);
  t.same(rig.sent, [hangs.id, waits.id]);
  rig.answers.get(hangs.id)?.resolve({ late: true });
  await rig.settle();
  t.equal(rig.states(hangs.id).at(-1), 'failed timeout', 'a final state stays');
});

t.test('past its deadline what does not run expires, by the monotonic clock', async (t) => {
  const rig = rigFor(t);
  const [running, late] = [rig.message(), rig.message({ remainingMs: 5_000 })];
  await rig.accept(running);
  await rig.accept(late);
  rig.clock.jump(3_600_000);
  await rig.settle(4_000);
  t.same(rig.states(late.id), ['received'], 'a jump of the wall clock expires nothing');
  await rig.settle(1_000);
  t.same(rig.states(late.id), ['received', 'expired deadline']);
  const none = rig.message({ remainingMs: 0, target: { deviceId: two } });
  await rig.accept(none);
  t.same(rig.states(none.id), ['received', 'expired deadline']);
});

t.test('cancel stops what waits and leaves what runs', async (t) => {
  const rig = rigFor(t);
  const [running, waiting] = [rig.message(), rig.message()];
  await rig.accept(running);
  await rig.accept(waiting);
  await rig.accept({ v: 1, type: 'cancel', id: waiting.id });
  await rig.accept({ v: 1, type: 'cancel', id: running.id });
  await rig.accept({ v: 1, type: 'cancel', id: uuidv7() });
  t.same(rig.states(waiting.id), ['received', 'cancelled']);
  t.same(rig.states(running.id), ['received', 'running', 'running']);
});

t.test('what cannot be right fails without a byte being sent', async (t) => {
  const rig = rigFor(t);
  rig.refuse(new HubError('unsupported', 'there is no such command'));
  const message = rig.message();
  await rig.accept(message);
  t.same(rig.states(), ['received', 'failed unsupported']);
  t.same(rig.sent, []);
});

t.test('the device’s own refusal keeps its code', async (t) => {
  const rig = rigFor(t);
  const message = rig.message();
  await rig.accept(message);
  rig.answers.get(message.id)?.reject(new HubError('device_refused', 'no paper', { context: { code: 'paper_out' } }));
  await rig.settle();
  t.same(rig.states(), ['received', 'running', 'failed paper_out']);
});

t.test('commands of the local line are kept here and not told to the cloud', async (t) => {
  const rig = rigFor(t);
  const submitted = rig.runner.submit({
    commandId: uuidv7(),
    origin: 'local',
    deviceId: one,
    name: 'x',
    input: {},
    remainingMs: 1_000,
  });
  await rig.settle();
  await submitted;
  t.same(rig.states(), []);
  t.equal(rig.sent.length, 1);
});

t.test(
  'a cancellation that overtakes its command: the command is known when it comes, and never runs',
  async (test) => {
    const rig = rigFor(test);
    const message = rig.message();
    await rig.accept({ v: 1, type: 'cancel', id: message.id });
    test.same(rig.states(message.id), ['cancelled']);
    await rig.accept(message);
    test.same(rig.sent, []);
    test.same(rig.states(message.id), ['cancelled', 'cancelled'], 'told again');
  },
);

t.test(
  'a clock that stands before the receipt after a restart: the command’s time may be over, so it does not run',
  async (test) => {
    const rig = rigFor(test);
    const [first, second] = [rig.message(), rig.message()];
    await rig.accept(first);
    await rig.accept(second);
    rig.clock.jump(-86_400_000);
    await rig.crash();
    await rig.settle();
    test.same(rig.sent, [first.id]);
    test.equal(rig.states(second.id).at(-1), 'expired deadline');
  },
);

t.test('a machine that slept does not run what was to be done before', async (t) => {
  const rig = rigFor(t);
  const [first, second] = [rig.message(), rig.message({ remainingMs: 30_000 })];
  await rig.accept(first);
  await rig.accept(second);
  rig.sleep(8 * 3_600_000);
  rig.answers.get(first.id)?.resolve();
  await rig.settle();
  t.same(rig.sent, [first.id]);
  t.same(rig.states(second.id), ['received', 'expired deadline']);
});

t.test('a clock that leaps ahead does not make the unit forget what it has done', async (t) => {
  const rig = rigFor(t);
  const message = rig.message();
  await rig.accept(message);
  rig.answers.get(message.id)?.resolve();
  await rig.settle();
  rig.clock.jump(70 * 365 * 86_400_000);
  const tidying = rig.inbox.tidy();
  await rig.settle();
  await tidying;
  await rig.accept(message);
  t.same(rig.sent, [message.id], 'at most once');
});

t.test('after a start a command waits for its device, and others do not wait for it', async (t) => {
  const rig = rigFor(t);
  rig.unheard(one, 60_000);
  const [first, second, elsewhere] = [rig.message(), rig.message(), rig.message({ target: { deviceId: two } })];
  for (const message of [first, second, elsewhere]) await rig.accept(message);
  t.same(rig.states(first.id), ['received']);
  t.same(rig.sent, [elsewhere.id]);
  await rig.heard(one);
  t.same(rig.sent, [elsewhere.id, first.id]);
  await rig.heard(one);
  rig.answers.get(first.id)?.resolve();
  await rig.settle();
  t.same(rig.sent, [elsewhere.id, first.id, second.id], 'each once, in order');
});

t.test('what waits for its device expires at its deadline, or runs when the grace is over', async (t) => {
  const rig = rigFor(t);
  rig.unheard(one, 60_000);
  const [short, long] = [rig.message({ remainingMs: 5_000 }), rig.message({ remainingMs: 90_000 })];
  for (const message of [short, long]) await rig.accept(message);
  await rig.settle(6_000);
  t.same(rig.states(short.id), ['received', 'expired deadline']);
  await rig.settle(50_000);
  t.same(rig.sent, []);
  await rig.settle(6_000);
  t.same(rig.sent, [long.id], 'tried as it would be without a wait');
});

t.test('what waits for its device can be cancelled, and survives another start', async (t) => {
  const rig = rigFor(t);
  rig.unheard(one, 60_000);
  const [cancelled, kept] = [rig.message(), rig.message()];
  for (const message of [cancelled, kept]) await rig.accept(message);
  await rig.accept({ v: 1, type: 'cancel', id: cancelled.id });
  await rig.crash();
  t.same(rig.sent, []);
  await rig.heard(one);
  t.same(rig.states(cancelled.id), ['received', 'cancelled']);
  t.same(rig.sent, [kept.id]);
  await rig.crash();
  await rig.heard(one);
  t.same(rig.states(kept.id), ['received', 'running', 'unknown agent_restarted']);
  t.same(rig.sent, [kept.id], 'at most once');
});

t.test('what cannot be right does not wait for a device', async (t) => {
  const rig = rigFor(t);
  rig.unheard(one, 60_000);
  rig.refuse(new HubError('unsupported', 'there is no such command'));
  await rig.accept(rig.message());
  t.same(rig.states(), ['received', 'failed unsupported']);
});

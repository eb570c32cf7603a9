import { ManualClock } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { defaultIntake, type IntakeClass, intakeClasses, UnitIntake } from './unit-intake.js';

const gated = () => {
  const started: string[] = [];
  const open = new Map<string, () => void>();
  const task = (name: string, bytes = 1) => ({
    bytes,
    run: () =>
      new Promise<void>((resolve) => {
        started.push(name);
        open.set(name, resolve);
      }),
  });
  const finish = async (name: string) => {
    open.get(name)?.();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { started, task, finish };
};

t.test('sessions, then live, then backlog; backlog has few places and always one', async (t) => {
  const { started, task, finish } = gated();
  const intake = new UnitIntake(defaultIntake(4), () => 0);
  for (let i = 0; i < 4; i++) intake.push(`b${i}`, 'up', 'bulk', task(`b${i}`));
  t.same(started, ['b0'], 'three places are kept for others');
  for (let i = 0; i < 5; i++) intake.push(`p${i}`, 'up', 'prompt', task(`p${i}`));
  intake.push('s', 'hello', 'session', task('s'));
  t.same(started, ['b0', 'p0', 'p1', 'p2']);
  await finish('p0');
  await finish('p1');
  await finish('p2');
  t.same(started.slice(4), ['s', 'p3', 'p4']);
  await finish('b0');
  t.equal(started.at(-1), 'b1');
});

t.test('backlog gives places up while live data is late, and gets them back', async (t) => {
  const { started, task, finish } = gated();
  let nowMs = 0;
  const intake = new UnitIntake(defaultIntake(8), () => nowMs);
  t.equal(intake.bulkPlaces, 3);
  const live = async (tookMs: number) => {
    const name = `p${nowMs}`;
    intake.push(name, 'up', 'prompt', task(name));
    nowMs += tookMs;
    await finish(name);
  };
  await live(150);
  t.equal(intake.bulkPlaces, 2);
  for (let i = 0; i < 5; i++) await live(500);
  t.equal(intake.bulkPlaces, 1, 'one always stays');
  for (let i = 0; i < 4; i++) intake.push(`b${i}`, 'up', 'bulk', task(`b${i}`));
  t.same(
    started.filter((name) => name.startsWith('b')),
    ['b0'],
  );
  for (let i = 0; i < 16; i++) await live(10);
  t.equal(intake.bulkPlaces, 2, 'sixteen answers in time are worth a place');
  t.same(
    started.filter((name) => name.startsWith('b')),
    ['b0', 'b1'],
  );
  nowMs += 5_000;
  for (let i = 0; i < 4; i++) await finish(`b${i}`);
  for (let i = 0; i < 16; i++) {
    intake.push(`c${i}`, 'up', 'bulk', task(`c${i}`));
    await finish(`c${i}`);
  }
  t.equal(intake.bulkPlaces, 3, 'with nobody live, backlog has all its places');
});

t.test('one at a time for a key, one more waits, the next is a repetition', async (t) => {
  const { started, task, finish } = gated();
  const intake = new UnitIntake();
  t.equal(intake.push('k', 'up', 'prompt', task('1')), 'taken');
  t.equal(intake.push('k', 'up', 'prompt', task('2')), 'taken');
  t.equal(intake.push('k', 'up', 'prompt', task('3')), 'repeated');
  t.same(started, ['1']);
  await finish('1');
  t.same(started, ['1', '2']);
  const idle = intake.idle();
  await finish('2');
  await idle;
});

t.test('waiting is bounded by bytes, each class for itself', async (t) => {
  const { task, finish } = gated();
  const intake = new UnitIntake(
    { ...defaultIntake(2), waitingBytes: { session: 10, live: 10, prompt: 10, bulk: 10 } },
    () => 0,
  );
  t.equal(intake.push('a', 'up', 'bulk', task('a', 100)), 'taken', 'what starts at once does not wait');
  t.equal(intake.push('b', 'up', 'bulk', task('b', 100)), 'taken', 'one is always taken, else it could never be');
  t.equal(intake.push('c', 'up', 'bulk', task('c', 1)), 'full');
  t.equal(intake.push('d', 'up', 'prompt', task('d', 1)), 'taken');
  t.equal(intake.waitingBytes('bulk'), 100);
  await finish('a');
  t.equal(intake.waitingBytes('bulk'), 0);
  t.equal(intake.push('c', 'up', 'bulk', task('c', 1)), 'taken');
});

/** Groups as they were started; `finish` ends the oldest that runs. */
const together = (limits = defaultIntake(8), nowMs = () => 0) => {
  const groups: string[][] = [];
  const ends: (() => void)[] = [];
  const start = (names: readonly string[]): Promise<void> => {
    groups.push([...names]);
    return new Promise((resolve) => ends.push(resolve));
  };
  const intake = new UnitIntake<string>(limits, nowMs, start);
  const push = (unitId: string, of: IntakeClass, bytes = 1, batch = true) =>
    intake.push(unitId, `up/${of}`, of, {
      ...{ bytes, run: () => start([unitId]) },
      ...(batch ? { batch: unitId } : undefined),
    });
  const finish = async () => {
    ends.shift()?.();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { intake, groups, push, finish };
};

t.test('what comes while two are written goes together next, each unit once, the rest after it', async (t) => {
  const { groups, push, finish, intake } = together();
  for (const unit of ['a', 'b', 'c', 'd', 'e']) push(unit, 'live');
  push('c', 'live');
  t.same(groups, [['a'], ['b']], 'nobody waits for company');
  await finish();
  t.same(groups.at(-1), ['c', 'd', 'e']);
  push('f', 'live', 1, false);
  push('g', 'live');
  await finish();
  t.same(groups.at(-1), ['f'], 'one that goes alone takes nobody with it');
  await finish();
  t.same(groups.at(-1), ['g', 'c'], 'the second of one unit comes once the first is through');
  await finish();
  await finish();
  await intake.idle();
});

t.test('while transactions are slow more of them run at a time', async (t) => {
  let nowMs = 0;
  const { groups, push, finish, intake } = together(defaultIntake(8), () => nowMs);
  for (const unit of ['a', 'b', 'c']) push(unit, 'live');
  nowMs += 10;
  push('d', 'live');
  t.same(groups, [['a'], ['b']]);
  nowMs += 15;
  push('e', 'live');
  t.same(groups, [['a'], ['b'], ['c', 'd', 'e']], 'whoever waits for 20 ms takes the others along');
  for (let i = 0; i < 3; i++) await finish();
  await intake.idle();
});

t.test('company is bounded by bytes and number; for backlog with the places that it has', async (t) => {
  let nowMs = 0;
  const few = { live: { tasks: 3, bytes: 100 }, bulk: { tasks: 6, bytes: 1_000 } };
  const { groups, push, finish, intake } = together({ ...defaultIntake(8), together: few }, () => nowMs);
  for (const unit of ['a', 'b', 'c', 'd', 'e', 'f']) push(unit, 'live');
  await finish();
  t.same(groups.at(-1), ['c', 'd', 'e']);
  for (const unit of ['g', 'h', 'i']) push(unit, 'live', 60);
  await finish();
  t.same(groups.at(-1), ['f', 'g'], 'as many as there is room for');
  for (let i = 0; i < 4; i++) await finish();
  await intake.idle();
  for (let i = 0; i < 12; i++) push(`b${i}`, 'bulk');
  t.same(groups.slice(-3), [['b0'], ['b1'], ['b2']]);
  await finish();
  t.same(groups.at(-1), ['b3', 'b4', 'b5', 'b6', 'b7', 'b8']);
  for (let i = 0; i < 5; i++) await finish();
  push('slow', 'live');
  nowMs += 1_000;
  await finish();
  push('slow', 'live');
  nowMs += 1_000;
  await finish();
  t.equal(intake.bulkPlaces, 1);
  for (let i = 0; i < 12; i++) push(`c${i}`, 'bulk');
  await finish();
  t.same(groups.at(-1), ['c1', 'c2'], 'a third of the places, a third of the company');
});

t.test('a unit with many lines has one turn where others have one', async (t) => {
  const { started, task, finish } = gated();
  const intake = new UnitIntake({ ...defaultIntake(1), unitWaitingBytes: 100 });
  intake.push('first', 'up', 'prompt', task('first'));
  for (let i = 0; i < 50; i++) intake.push('flood', `up/${i}`, 'prompt', task(`flood ${i}`, 2));
  t.equal(intake.push('flood', 'up/50', 'prompt', task('flood 50', 2)), 'full', 'a unit waits within its own bound');
  intake.push('a', 'up', 'prompt', task('a'));
  intake.push('b', 'up', 'prompt', task('b'));
  await finish('first');
  await finish('flood 0');
  await finish('a');
  await finish('b');
  t.same(started, ['first', 'flood 0', 'a', 'b', 'flood 1']);
});

/** How long neighbours' batches wait, ms of a virtual clock: each write takes 5 ms, two at a time. */
const waitsOf = async (flood: number): Promise<number> => {
  const clock = new ManualClock(0);
  const intake = new UnitIntake(defaultIntake(2), () => clock.now());
  const waits: number[] = [];
  const send = (unitId: string, channel: string, bytes: number): void => {
    const askedMs = clock.now();
    intake.push(unitId, channel, 'prompt', {
      bytes,
      run: () =>
        new Promise((resolve) => {
          if (unitId !== 'flood') waits.push(clock.now() - askedMs);
          clock.setTimeout(resolve, 5);
        }),
    });
  };
  // Four neighbours say something every 50 ms; the flood comes `flood` times as often, over as many lines as there are.
  for (let at = 0; at < 5_000; at += 50) {
    for (let i = 0; i < flood; i++) send('flood', `up/${i % 40}`, 2_000);
    for (const one of ['a', 'b', 'c', 'd']) send(one, 'up/live', 2_000);
    for (let ms = 0; ms < 50; ms++) {
      await clock.advance(1);
    }
  }
  waits.sort((a, b) => a - b);
  return waits[Math.floor(waits.length * 0.95)] ?? Number.NaN;
};

t.test('a hundred times the rate of others: their p95 hardly moves', async (t) => {
  const [calm, flooded] = [await waitsOf(0), await waitsOf(100)];
  t.comment(`p95 of a neighbour: ${calm} ms, with the flood ${flooded} ms`);
  t.ok(flooded <= calm + 2 * 5, 'at most one batch of the flood is waited for at each turn');
});

t.test('whatever comes in whatever order, everything taken runs once, and it comes to rest', async () => {
  const one = fc.record({
    key: fc.integer({ min: 0, max: 5 }),
    of: fc.constantFrom<IntakeClass>('session', 'live', 'prompt', 'bulk'),
    batch: fc.boolean(),
    bytes: fc.integer({ min: 0, max: 20 }),
    turns: fc.integer({ min: 0, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(one, { maxLength: 60 }), async (given) => {
      let [taken, ran, running] = [0, 0, 0];
      const during = async (turns: number): Promise<void> => {
        if (++running > 3) throw new Error('too many at a time');
        for (let i = 0; i < turns; i++) await Promise.resolve();
        running--;
      };
      const limits = { ...defaultIntake(3), waitingBytes: { session: 30, live: 30, prompt: 30, bulk: 30 } };
      const intake = new UnitIntake<string>(limits, undefined, async (units) => {
        if (new Set(units).size !== units.length) throw new Error('a unit twice at a time');
        await during(units.length);
        ran += units.length;
      });
      for (const { key, of, bytes, turns, batch } of given) {
        const run = () => during(turns).then(() => void ran++);
        const unit = `u${key % 3}`;
        const task = { bytes, run, ...(batch ? { batch: unit } : undefined) };
        if (intake.push(unit, `${of} ${key}`, of, task) === 'taken') taken++;
        if (bytes % 3 === 0) await Promise.resolve();
      }
      await intake.idle();
      if (taken !== ran) throw new Error(`${taken} taken, ${ran} ran`);
      for (const of of intakeClasses) if (intake.waitingBytes(of) !== 0) throw new Error(`${of} keeps bytes`);
    }),
  );
});

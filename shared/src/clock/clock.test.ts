import t from 'tap';
import { ManualClock, systemClock } from './clock.js';

t.test('timers fire in order of their time while the clock advances', async (t) => {
  const clock = new ManualClock(1000);
  const fired: string[] = [];
  clock.setTimeout(() => fired.push('late'), 50);
  clock.setTimeout(() => {
    fired.push('early');
    clock.setTimeout(() => fired.push('nested'), 10);
  }, 20);
  clock.setTimeout(() => fired.push('never'), 30).cancel();
  await clock.advance(40);
  t.same(fired, ['early', 'nested']);
  await clock.advance(10);
  t.same(fired, ['early', 'nested', 'late']);
  t.equal(clock.now(), 1050);
});

t.test('a jump moves the wall clock alone', async (t) => {
  const clock = new ManualClock(1000);
  clock.jump(-500);
  t.equal(clock.now(), 500);
  t.equal(clock.monotonicMs(), 0);
});

t.test('a sleep ends with the reason of its signal', async (t) => {
  for (const clock of [new ManualClock(), systemClock]) {
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, controller.signal);
    controller.abort(new Error('stop'));
    await t.rejects(sleeping, { message: 'stop' });
    await t.rejects(clock.sleep(1, controller.signal), { message: 'stop' });
  }
});

import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { LoopRests } from './loop-rests.js';

const never = new AbortController().signal;

const rig = () => {
  const clock = new ManualClock();
  const rests = new LoopRests(clock);
  const rest = async (name: string, ms = 60_000, signal = never) => {
    const startMs = clock.monotonicMs();
    await rests.rest(name, ms, signal);
    return clock.monotonicMs() - startMs;
  };
  return { clock, rests, rest };
};

t.test('a pause lasts its time, until the loop is hurried, or until the signal aborts', async (t) => {
  const { clock, rests, rest } = rig();
  const whole = rest('facts');
  await clock.advance(60_000);
  t.equal(await whole, 60_000);
  const hurried = rest('facts');
  await clock.advance(1_000);
  rests.hurry('events');
  rests.hurry('facts');
  t.equal(await hurried, 1_000);
  const abort = new AbortController();
  const aborted = rest('facts', 60_000, abort.signal);
  await clock.advance(2_000);
  abort.abort();
  t.equal(await aborted, 2_000);
});

t.test('a call that comes while the loop works is kept for its next pause, and for that alone', async (t) => {
  const { clock, rests, rest } = rig();
  rests.hurry('facts');
  rests.hurry('facts');
  t.equal(await rest('facts'), 0);
  const next = rest('facts');
  await clock.advance(60_000);
  t.equal(await next, 60_000);
});

t.test('a loop can say what hurrying it does while it works', async (t) => {
  const { rests, rest } = rig();
  let calls = 0;
  const first = rests.instead('events', () => calls++);
  rests.hurry('events');
  t.equal(calls, 1);
  const second = rests.instead('events', () => {
    calls += 10;
  });
  first[Symbol.dispose]();
  rests.hurry('events');
  t.equal(calls, 11, 'the later one stays when the earlier one ends');
  second[Symbol.dispose]();
  rests.hurry('events');
  t.equal(calls, 11);
  t.equal(await rest('events'), 0);
});

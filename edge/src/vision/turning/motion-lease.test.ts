import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import { HandBook } from './hand.js';
import { MotionLease } from './motion-lease.js';

const setup = (over: { begin?: () => Promise<void>; end?: () => Promise<void> } = {}) => {
  const clock = new ManualClock();
  const said: string[] = [];
  const failures: string[] = [];
  const lease = new MotionLease<number>({
    clock,
    begin: async (speed, forMs) => {
      said.push(`move ${speed} ${forMs}`);
      await over.begin?.();
    },
    end: async () => {
      said.push('stop');
      await over.end?.();
    },
    onFailure: (error) => failures.push((error as Error).message),
  });
  return { clock, said, failures, lease };
};
const soon = () => new Promise((resolve) => setImmediate(resolve));

t.test('it moves while it is said, and not longer', async (t) => {
  const { clock, said, lease } = setup();
  lease.want(0.5, 800);
  await soon();
  for (let i = 0; i < 8; i++) {
    await clock.advance(250);
    lease.want(0.5, 800);
    await soon();
  }
  t.same(said, ['move 0.5 3000', 'move 0.5 3000'], 'the camera is told again well before its own time is over');
  await clock.advance(799);
  t.equal(said.length, 2);
  await clock.advance(1);
  await soon();
  t.equal(said.at(-1), 'stop', 'a browser that fell silent');
  t.notOk(lease.isMoving);
});

t.test('another direction at once; a stop at once', async (t) => {
  const { clock, said, lease } = setup();
  lease.want(0.5, 800);
  await soon();
  await clock.advance(100);
  lease.want(-0.5, 800);
  await soon();
  await clock.advance(10);
  await lease.stop();
  t.same(said, ['move 0.5 3000', 'move -0.5 3000', 'stop']);
});

t.test('words that come while the camera thinks: the newest counts', async (t) => {
  let answer = () => {};
  const { said, lease } = setup({ begin: () => new Promise((resolve) => (answer = resolve as () => void)) });
  lease.want(0.1, 60_000);
  await soon();
  for (const speed of [0.2, 0.3, 0.4]) lease.want(speed, 60_000);
  answer();
  await soon();
  t.same(said, ['move 0.1 3000', 'move 0.4 3000']);
  const stopped = lease.stop();
  answer();
  await stopped;
  t.equal(said.at(-1), 'stop');
});

t.test('a stop that fails is tried again; a move that fails is stopped all the same', async (t) => {
  let left = 2;
  const first = setup({
    end: async () => {
      if (left-- > 0) throw new Error('no answer');
    },
  });
  first.lease.want(1, 100);
  await soon();
  for (let i = 0; i < 12; i++) {
    await first.clock.advance(300);
    await soon();
  }
  t.equal(first.said.filter((one) => one === 'stop').length, 3);
  t.same(first.failures, []);
  let isAway = true;
  const third = setup({
    end: async () => {
      if (isAway) throw new Error('no line');
    },
  });
  third.lease.want(1, 100);
  for (let i = 0; i < 30; i++) {
    await soon();
    await third.clock.advance(300);
  }
  t.same(third.failures, ['no line'], 'told once, when it is not just a moment');
  isAway = false;
  await third.clock.advance(5_000);
  await soon();
  const stops = third.said.filter((one) => one === 'stop').length;
  t.ok(stops > 5, 'and tried on: a camera that does not end by itself would turn for ever');
  await third.clock.advance(20_000);
  await soon();
  t.equal(third.said.filter((one) => one === 'stop').length, stops, 'until it stands');
  const second = setup({
    begin: async () => {
      throw new Error('refused');
    },
  });
  second.lease.want(1, 10_000);
  await soon();
  t.same(second.said, ['move 1 3000', 'stop']);
  t.same(second.failures, ['refused']);
});

t.test('whose word counts', async (t) => {
  const book = new HandBook();
  const word = (session: string, since: number, seq: number, what: 'stop' | 'release' = 'stop') => ({
    ...{ session, since, seq, by: session, do: { what } },
  });
  t.ok(book.take(word('a', 10, 0), 0));
  t.notOk(book.take(word('a', 10, 0), 1), 'the same again');
  t.ok(book.take(word('b', 20, 0), 2), 'a later hand');
  t.notOk(book.take(word('a', 10, 5), 3), 'what was on its way');
  t.match(book.at(4), { session: 'b' });
  t.ok(book.take(word('b', 20, 1, 'release'), 5));
  t.equal(book.at(5), undefined);
  t.notOk(book.take(word('a', 10, 6), 6), 'who left it does not give it back to who lost it');
  t.ok(book.take(word('c', 21, 0), 7));
  t.equal(book.at(60_000), undefined, 'nobody heard of it for long');
  t.ok(book.take(word('d', 5, 0), 100_000), 'the cloud’s clock was ahead and is right again');
  t.match(book.at(100_001), { session: 'd' });
});

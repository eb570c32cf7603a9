import { systemClock, uuidv7 } from '@hallhub/shared';
import type { DownSteer, SteerAction } from '@hallhub/shared/vision';
import t from 'tap';
import type { CameraTurning, LastTold } from '../../ports/index.js';
import { CameraTurner } from './camera-turner.js';
import type { Sight } from './judge-sight.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => logger } as never;
const soon = () => new Promise((resolve) => setImmediate(resolve));

/** A camera that answers a `goTo` when it is let. */
const setup = () => {
  const said: string[] = [];
  const seen: (Sight | undefined)[] = [];
  const open: (() => void)[] = [];
  const adapter = { serves: true };
  let lastTold: LastTold | undefined;
  const port: CameraTurning = {
    offers: async () => ({ ...{ move: true, presets: true, save: true, remove: true, focus: false }, auxiliaries: [] }),
    get lastTold() {
      return lastTold;
    },
    place: async () => ({ pan: 0, tilt: 0, zoom: 0, isMoving: false }),
    presets: async () => [],
    move: async () => void said.push('move'),
    stop: async () => void said.push('stop'),
    goTo: async (preset, signal) => {
      said.push(`go ${preset}`);
      lastTold = { preset, atMs: systemClock.monotonicMs() };
      await new Promise<void>((resolve, reject) => {
        open.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    },
    save: async () => '1',
    remove: async () => {},
    focus: async () => {},
    auxiliary: async () => {},
  };
  const turner = new CameraTurner({
    ...{
      cameraId: uuidv7(),
      clock: systemClock,
      logger,
      learned: [],
      turning: () => (adapter.serves ? port : undefined),
    },
    ...{ onLearned: () => {}, onSight: (sight) => seen.push(sight), onChange: () => {} },
  });
  const [a, b] = [uuidv7(), uuidv7()];
  let seq = 0;
  const say = (session: string, since: number, action: SteerAction) =>
    turner.take({
      ...{ v: 1, deviceId: uuidv7(), session, since, seq: seq++, by: session, do: action, at: since },
    } satisfies DownSteer);
  return { turner, said, seen, open, adapter, a, b, say };
};

t.test('what the last hand had told it does not come after the next one’s', async (t) => {
  const { turner, said, open, a, b, say } = setup();
  await soon();
  say(a, 1, { what: 'goto', preset: 'a1' });
  say(a, 1, { what: 'goto', preset: 'a2' });
  await soon();
  say(b, 2, { what: 'goto', preset: 'b1' });
  for (let i = 0; i < 3; i++) {
    await soon();
    open.shift()?.();
  }
  await soon();
  t.same(said, ['go a1', 'go b1']);
  for (let i = 0; i < 20; i++) say(b, 2, { what: 'goto', preset: `b${i}` });
  t.match(turner.standing.refused, { session: b }, 'nor does more stand in line than somebody waits for');
  await turner.close();
  t.ok(said.length <= 3, 'and nothing of it is done when the unit stops');
});

t.test('who closes it has the last word on where it looks', async (t) => {
  const { turner, said, seen, a, say } = setup();
  await soon();
  say(a, 1, { what: 'move', pan: 1, tilt: 0, zoom: 0, holdMs: 1_000 });
  await soon();
  const closing = turner.close();
  const told = seen.length;
  await closing;
  t.equal(seen.length, told);
  t.equal(said.at(-1), 'stop', 'but it stands');
});

t.test('one that is let go while it turns is stopped', async (t) => {
  const { turner, said, adapter, a, say } = setup();
  await soon();
  say(a, 1, { what: 'move', pan: 1, tilt: 0, zoom: 0, holdMs: 60_000 });
  await soon();
  adapter.serves = false;
  await turner.close();
  t.same(said, ['move', 'stop']);
});

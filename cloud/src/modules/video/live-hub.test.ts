import { ManualClock, uuidv7 } from '@hallhub/shared';
import { type LiveKind, type LiveRecord, liveJson, liveMessage, readLiveMessage } from '@hallhub/shared/vision';
import t from 'tap';
import type { LiveViewer } from './live-channel.js';
import { askEveryMs, LiveHub, leaseMs } from './live-hub.js';
import type { LiveRelay } from './live-relay.js';

const record = (kind: LiveKind, text = ''): LiveRecord => ({ kind, payload: Buffer.from(text) });
const describe = liveJson('describe', { v: 1, stream: 's', codec: 'avc1.42e01e', width: 640, height: 360 });

class Screen implements LiveViewer {
  readonly seen: string[] = [];
  isBehind = false;
  send({ kind, payload }: LiveRecord): void {
    const text = Buffer.from(payload).toString('utf8');
    this.seen.push(kind === 'state' ? `${kind} ${JSON.parse(text).state}` : `${kind} ${text}`.trim());
  }
  /** What came since it was asked last. */
  get news(): string[] {
    return this.seen.splice(0).map((line) => (line.startsWith('describe') ? 'describe' : line));
  }
}

/** Processes joined by memory, messages as bytes. */
class Wire {
  readonly #ends: {
    id: string;
    wanted: (deviceId: string, from: string) => void;
    heard: Map<string, (r: LiveRecord) => void>;
  }[] = [];
  end(): LiveRelay {
    const own = { id: uuidv7(), wanted: (_deviceId: string, _from: string) => {}, heard: new Map() };
    this.#ends.push(own);
    const others = () => this.#ends.filter((end) => end !== own);
    return {
      want: (deviceId) => {
        for (const end of others()) end.wanted(deviceId, own.id);
      },
      onWant: (listener) => {
        own.wanted = listener;
      },
      send: (deviceId, sent, to) => {
        for (const end of others()) {
          if (to === undefined || to === end.id) end.heard.get(deviceId)?.(readLiveMessage(liveMessage(sent))!);
        }
      },
      receive: (deviceId, listener) => {
        own.heard.set(deviceId, listener);
        return () => void own.heard.delete(deviceId);
      },
      close: async () => {},
    };
  }
}

const camera = { deviceId: uuidv7(), unitId: uuidv7() };

const setup = (clock = new ManualClock(), wire = new Wire()) => {
  const asked: string[] = [];
  const hub = new LiveHub({ clock, relay: wire.end(), ask: ({ deviceId }) => asked.push(deviceId) });
  return { clock, wire, hub, asked };
};

t.test('one stream however many look; the first picture at once for whoever comes later', async (t) => {
  const { clock, hub, asked } = setup();
  t.throws(() => hub.openFeed(camera.deviceId), { code: 'conflict' }, 'nobody looks');
  const first = new Screen();
  const leave = hub.watch(camera, first);
  t.same(asked, [camera.deviceId]);
  t.same(first.news, ['state asking']);
  const feed = hub.openFeed(camera.deviceId);
  for (const one of [describe, record('init'), record('more', '0'), record('key', '1'), record('more', '2')])
    feed.push(one);
  t.same(first.news, ['describe', 'init', 'state live', 'key 1', 'more 2'], 'nothing before the first key picture');
  const second = new Screen();
  const leaveToo = hub.watch(camera, second);
  t.same(second.news, ['state live', 'describe', 'init', 'key 1', 'more 2']);
  t.same(hub.figures, { cameras: 1, feeds: 1, viewers: 2 });
  second.isBehind = true;
  feed.push(record('more', '3'));
  second.isBehind = false;
  feed.push(record('more', '4'));
  feed.push(record('key', '5'));
  t.same(second.news, ['key 5'], 'one that could not keep up goes on at a key picture');
  t.same(first.news, ['more 3', 'more 4', 'key 5'], 'and the other lost nothing');
  await clock.advance(askEveryMs);
  t.equal(asked.length, 2, 'the lease is renewed');
  leave();
  leaveToo();
  leaveToo();
  t.equal(feed.push(record('more', '6')), false, 'nobody looks any more: the unit may stop');
  feed.close();
  t.same(hub.figures, { cameras: 0, feeds: 0, viewers: 0 });
  await clock.advance(10 * askEveryMs);
  t.equal(asked.length, 2);
});

t.test('a camera that says nothing, a unit that comes back, a refusal', async (t) => {
  const { clock, hub } = setup();
  const screen = new Screen();
  hub.watch(camera, screen);
  await clock.advance(15_000);
  t.same(screen.news, ['state asking', 'state silent']);
  const feed = hub.openFeed(camera.deviceId);
  feed.push(liveJson('state', { v: 1, state: 'refused', reason: 'camera_gone' }));
  t.same(screen.news, ['state refused']);
  const newer = hub.openFeed(camera.deviceId);
  t.equal(feed.push(describe), false, 'the older request is over');
  feed.close();
  for (const one of [describe, record('init'), record('key', 'a')]) newer.push(one);
  t.same(screen.news, ['describe', 'init', 'state live', 'key a']);
  newer.close();
  t.same(screen.news, ['state asking']);
  const refusing = hub.openFeed(camera.deviceId);
  refusing.push(liveJson('state', { v: 1, state: 'refused', reason: 'not_watched' }));
  refusing.close();
  t.same(screen.news, ['state refused'], 'the reason stays on the screen');
  hub.close();
});

t.test('viewers at another process than the stream', async (t) => {
  const here = setup();
  const there = setup(here.clock, here.wire);
  const third = setup(here.clock, here.wire);
  const screen = new Screen();
  const leave = here.hub.watch(camera, screen);
  const feed = there.hub.openFeed(camera.deviceId);
  for (const one of [describe, record('init'), record('key', '1')]) feed.push(one);
  t.same(screen.news, ['state asking', 'describe', 'init', 'state live', 'key 1']);
  const late = new Screen();
  third.hub.watch(camera, late);
  t.same(
    late.news,
    ['state asking', 'describe', 'init', 'state live', 'key 1'],
    'a newcomer gets the group of pictures',
  );
  t.same(screen.news, [], 'which the other one is not sent again');
  feed.push(record('more', '2'));
  t.same([screen.news, late.news], [['more 2'], ['more 2']]);
  leave();
  await here.clock.advance(leaseMs + 6_000);
  t.equal(feed.push(record('more', '3')), true, 'the third still looks');
  t.same(late.news, ['state silent', 'state live', 'more 3']);
  third.hub.close();
  await here.clock.advance(leaseMs + 6_000);
  t.equal(feed.push(record('more', '4')), false);
  for (const { hub } of [here, there]) hub.close();
});

import { ManualClock } from '@hallhub/shared';
import fc from 'fast-check';
import t from 'tap';
import { type KeptPacket, type SessionLimits, SessionStore } from './session-store.js';
import { coversFilter, fitsFilter } from './topic-filter.js';

const rig = (limits: Partial<SessionLimits> = {}) => {
  const clock = new ManualClock();
  const full: string[] = [];
  const connected = new Set<string>();
  const store = new SessionStore({
    clock,
    limits,
    mayKeep: (_id, filter) => !filter.startsWith('forbidden'),
    isConnected: (id) => connected.has(id),
    onFull: (what, who) => void full.push(`${what} ${who}`),
  });
  return { clock, store, full, connected };
};

let counter = 0;
const packet = (topic: string, payload = 'x', more: Partial<KeptPacket> = {}): KeptPacket => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  brokerId: 'b',
  brokerCounter: ++counter,
  ...more,
});

t.test('retained messages are bounded by number and by bytes, and told once they are', async (t) => {
  const { store, full } = rig({ retainedTopics: 2, retainedBytes: 1_000 });
  store.retain(packet('a'));
  store.retain(packet('b'));
  store.retain(packet('c'));
  t.same(full, ['retained c']);
  store.retain(packet('a', 'new'));
  t.equal(store.retained('a')[0]?.payload.toString(), 'new', 'one that is there may change');
  store.retain(packet('b', ''));
  store.retain(packet('c', 'x'.repeat(2_000)));
  t.same(full, ['retained c', 'retained c']);
  store.retain(packet('a', ''));
  t.match(store.counts, { retained: 0, retainedBytes: 0 });
});

t.test('a session’s queue is bounded; what is acknowledged makes room', async (t) => {
  const { store, full } = rig({ queuedMessages: 2 });
  await store.addSubscriptions({ id: 'c' }, [{ topic: 'a/#', qos: 1 }]);
  const sent = [packet('a/1'), packet('a/2'), packet('a/3')];
  for (const one of sent) await store.outgoingEnqueueCombi(await store.subscriptionsByTopic('a/1'), one);
  t.same(full, ['queue c']);
  t.equal(store.counts.queued, 2);
  await store.outgoingUpdate({ id: 'c' }, { ...packet('a/1'), ...sent[0], messageId: 7 } as KeptPacket);
  await t.rejects(store.outgoingUpdate({ id: 'c' }, { ...sent[2], messageId: 9 } as KeptPacket), /full/);
  t.equal((await store.outgoingClearMessageId({ id: 'c' }, { messageId: 7 } as KeptPacket))?.topic, 'a/1');
  t.equal(await store.outgoingClearMessageId({ id: 'c' }, { messageId: 7 } as KeptPacket), undefined);
  await store.outgoingEnqueue({ clientId: 'c' }, packet('a/4'));
  t.equal(store.counts.queued, 2);
});

t.test('two PUBRELs in one queue stay two', async (t) => {
  const { store } = rig();
  for (const messageId of [1, 2]) {
    const one = packet('a', 'x', { qos: 2 });
    await store.outgoingEnqueue({ clientId: 'c' }, one);
    await store.outgoingUpdate({ id: 'c' }, { ...one, messageId });
  }
  for (const messageId of [1, 2]) await store.outgoingUpdate({ id: 'c' }, { cmd: 'pubrel', messageId } as KeptPacket);
  const left: unknown[] = [];
  for await (const { cmd, messageId } of store.outgoingStream({ id: 'c' })) left.push([cmd, messageId]);
  t.same(left, [
    ['pubrel', 1],
    ['pubrel', 2],
  ]);
});

t.test(
  'filters without a right are not kept, nor more than allowed; one entry a client with its highest QoS',
  async (t) => {
    const { store } = rig({ subscriptions: 2 });
    await store.addSubscriptions({ id: 'c' }, [
      { topic: 'forbidden/#', qos: 1 },
      { topic: 'a/#', qos: 1 },
      { topic: 'a/+', qos: 2 },
      { topic: 'a/b', qos: 1 },
    ]);
    t.same(
      (await store.subscriptionsByClient({ id: 'c' })).map(({ topic }) => topic),
      ['a/#', 'a/+'],
    );
    t.match(await store.subscriptionsByTopic('a/b'), [{ clientId: 'c', topic: 'a/+', qos: 2 }]);
    t.same(await store.subscriptionsByTopic('forbidden/x'), []);
  },
);

t.test('sessions of clients that stay away are forgotten, the oldest first where there is no room', async (t) => {
  const { clock, store, full, connected } = rig({ sessions: 2, expiryMs: 10_000 });
  connected.add('here');
  for (const id of ['here', 'gone']) {
    await store.addSubscriptions({ id }, [{ topic: 'a', qos: 1 }]);
    await clock.advance(1_000);
  }
  await store.addSubscriptions({ id: 'new' }, [{ topic: 'a', qos: 1 }]);
  t.same(full, ['sessions gone']);
  await clock.advance(20_000);
  store.sweep();
  t.same(await store.subscriptionsByClient({ id: 'new' }), []);
  t.equal((await store.subscriptionsByClient({ id: 'here' })).length, 1);
});

t.test('a QoS 2 message is known until its PUBREL', async (t) => {
  const { store } = rig();
  await store.incomingStorePacket({ id: 'c' }, { ...packet('a'), messageId: 5 });
  t.equal(store.hasIncoming('c', 5), true);
  await store.incomingDelPacket({ id: 'c' }, { messageId: 5 });
  t.equal(store.hasIncoming('c', 5), false);
  await t.rejects(store.incomingDelPacket({ id: 'c' }, { messageId: 5 }));
  store.sweep();
});

t.test('a filter covers another exactly where it fits all that the other fits', async (t) => {
  const level = fc.constantFrom('a', 'b', '');
  const filterLevel = fc.constantFrom('a', 'b', '+');
  const filter = fc
    .tuple(fc.array(filterLevel, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, open]) => [...levels, ...(open ? ['#'] : [])].join('/'));
  fc.assert(
    fc.property(filter, filter, fc.array(level, { minLength: 1, maxLength: 5 }), (wide, narrow, levels) => {
      const topic = levels.join('/');
      return !coversFilter(wide, narrow) || !fitsFilter(narrow, topic) || fitsFilter(wide, topic);
    }),
    { numRuns: 3_000 },
  );
  t.pass();
});

import t from 'tap';
import { bench, newSlaves, url } from './test-bench.js';
import { testProfile } from './test-profile.js';

const within = (ms: number) => AbortSignal.timeout(ms);

/** Every answer comes so much later. */
const slowed = (peer: { isOpen: boolean; write(bytes: Uint8Array): void } | undefined, delayMs: number) => {
  if (!peer) throw new Error('no connection');
  const write = peer.write.bind(peer);
  peer.write = (bytes) => void setTimeout(() => peer.isOpen && write(bytes), delayMs);
};

t.test('nothing is reported of a device that left while its answer was under way', async (t) => {
  const { host, adapter, peers, slaves } = bench(t, newSlaves(1));
  const view = host.device(`${url}#1`, testProfile, 'modbus');
  adapter.attach(view);
  await adapter.start();
  await host.until('values', () => host.value('kind') === 4711);
  slowed(peers[0], 40);
  const asked = slaves.requests.length;
  await host.until('a question is under way', () => slaves.requests.length > asked);
  adapter.detach(view.deviceId);
  const [readings, evidence] = [host.readings.length, host.evidence.length];
  const other = { ...view, deviceId: 'another' };
  adapter.attach(other);
  await host.until('another is read', () => host.readings.some(({ deviceId }) => deviceId === 'another'));
  const mine = ({ deviceId }: { deviceId: string }) => deviceId === view.deviceId;
  t.same(host.readings.slice(readings).filter(mine), []);
  t.same(host.evidence.slice(evidence).filter(mine), []);
});

t.test('what waits for the bus is not sent to a device that left meanwhile', async (t) => {
  const { host, adapter, peers, slaves } = bench(t, newSlaves(1, 2));
  const [first, second] = [1, 2].map((unitId) => host.device(`${url}#${unitId}`, testProfile, 'modbus'));
  if (!first || !second) throw new Error('no devices');
  adapter.attach(first);
  adapter.attach(second);
  await adapter.start();
  await host.until('values', () => host.value('kind') === 4711);
  slowed(peers[0], 60);
  const asked = slaves.requests.length;
  await host.until('the bus is busy', () => slaves.requests.length > asked);
  const common = { deviceId: second.deviceId, remainingMs: 2_000, signal: within(60_000) };
  const doomed: Promise<unknown>[] = [
    adapter.execute({ ...common, commandId: 'a', command: 'pulse', input: { value: 7 } }),
    adapter.execute({ ...common, commandId: 'b', command: 'allOff', input: {} }),
    adapter.write(second.deviceId, { relay: true }, within(60_000)),
    adapter.read(second.deviceId, ['kind'], within(60_000)),
  ];
  adapter.detach(second.deviceId);
  for (const one of doomed) await t.rejects(one, { code: 'unavailable', message: /no longer/ });
  t.same(
    slaves.requests.filter(({ code }) => code === 5 || code === 6),
    [],
    'nothing was written',
  );
});

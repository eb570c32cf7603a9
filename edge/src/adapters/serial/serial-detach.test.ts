import { HubError } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { TestHost } from '../test-host.js';
import { serialConfigSchema } from './config.js';
import { SerialAdapter } from './serial-adapter.js';
import { busProfile, TestLine } from './test-line.js';

const path = '/dev/ttyTEST';
const meter = busProfile('meter', '05');

const bench = (t: Test, config: object) => {
  const host = new TestHost([meter], 'bus');
  const line = new TestLine();
  const parsed = serialConfigSchema.parse({ id: 'bus', path, rediscoverEveryMs: 500, ...config });
  const adapter = new SerialAdapter(parsed, host, line);
  host.onFound = (view) => adapter.attach(view);
  t.teardown(() => adapter.stop());
  const idOf = (address: number) => host.devices.findByAddress('bus', `${path}#address=${address}`)?.deviceId ?? '';
  return { host, adapter, line, idOf };
};

const twoMeters = { devices: [1, 2].map((address) => ({ profile: 'test/meter', params: { address } })) };

const polled = async (t: Test) => {
  const all = bench(t, twoMeters);
  const [first, second] = [all.line.add(1), all.line.add(2)];
  await all.adapter.start();
  const hasLevel = (address: number) => all.host.readings.some(({ deviceId }) => deviceId === all.idOf(address));
  await all.host.until('both are polled', () => hasLevel(1) && hasLevel(2));
  return { ...all, first, second };
};

t.test('nothing is reported of a device that left while its answer was under way', async (t) => {
  const { host, adapter, idOf, first, second } = await polled(t);
  const gone = idOf(1);
  first.delayMs = 60;
  const { asked } = first;
  await host.until('a question is under way', () => first.asked > asked);
  adapter.detach(gone);
  const [readings, evidence] = [host.readings.length, host.evidence.length];
  const before = second.asked;
  await host.until('the other goes on', () => second.asked > before + 2);
  const mine = ({ deviceId }: { deviceId: string }) => deviceId === gone;
  t.same(host.readings.slice(readings).filter(mine), []);
  t.same(host.evidence.slice(evidence).filter(mine), []);
});

t.test('a command that waits for the line is not sent to a device that left meanwhile', async (t) => {
  const { host, adapter, idOf, first, second } = await polled(t);
  first.delayMs = 80;
  const { asked } = first;
  await host.until('the line is busy', () => first.asked > asked);
  const request = { commandId: 'c', deviceId: idOf(2), command: 'ping', input: {}, remainingMs: 2_000 };
  const doomed: Promise<unknown>[] = [
    adapter.execute({ ...request, signal: AbortSignal.timeout(60_000) }),
    adapter.read(idOf(2), ['level'], AbortSignal.timeout(60_000)),
  ];
  const before = second.asked;
  adapter.detach(idOf(2));
  for (const one of doomed) await t.rejects(one, { code: 'unavailable', message: /no longer/ });
  t.equal(second.asked, before);
});

t.test('one device that cannot be registered now does not end the search for the others', async (t) => {
  const { host, adapter, line, idOf } = bench(t, { scan: { param: 'address', from: 1, to: 3 } });
  line.add(1);
  line.add(2);
  line.add(3);
  const found = host.found.bind(host);
  let refusals = 0;
  host.found = async (one) => {
    if (one.address.endsWith('=2') && refusals++ < 2) throw new HubError('store_busy', 'the disk is slow');
    return found(one);
  };
  await adapter.start();
  await host.until('all are registered', () => [1, 2, 3].every((address) => idOf(address) !== ''));
  t.equal(refusals, 3);
});

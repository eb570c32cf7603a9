import { QueryClient } from '@tanstack/react-query';
import t from 'tap';
import type { Device, LatestValue } from './devices.js';
import { applyLive, forgetLive, mergeValues } from './live-cache.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const value = (property: string, v: number, second: number): LatestValue => ({
  property,
  value: v,
  quality: 'good',
  at: at(second),
});

t.test('the newer reading stands, whatever the order of arrival', async (t) => {
  const merged = mergeValues([value('power', 1, 10), value('voltage', 230, 5)], [value('power', 2, 8)]);
  t.equal(merged.find((one) => one.property === 'power')?.value, 1, 'a late reading changes nothing');
  t.equal(mergeValues(merged, [value('power', 3, 11)]).find((one) => one.property === 'power')?.value, 3);
  t.equal(mergeValues([], [value('power', 4, 1)]).length, 1, 'a property seen for the first time is added');
});

t.test('a live presence changes the device in place', async (t) => {
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: Number.POSITIVE_INFINITY } } });
  client.setQueryData(['devices', 'one', 'd1'], { id: 'd1', presence: 'online', values: [] } as unknown as Device);
  applyLive(client, {
    topic: 'devices',
    type: 'device.presence',
    data: { deviceId: 'd1', state: 'offline', reason: 'will', since: at(3) },
  });
  const device = client.getQueryData<Device>(['devices', 'one', 'd1']);
  t.match(device, { presence: 'offline', presenceReason: 'will', presenceSince: at(3) });
  forgetLive();
  client.clear();
});

t.test('a message about something not on screen is harmless', async (t) => {
  const client = new QueryClient();
  applyLive(client, { topic: 'devices', type: 'device.values', data: { deviceId: 'x', values: [value('a', 1, 1)] } });
  applyLive(client, { topic: 'future', type: 'something.new', data: {} });
  t.equal(client.getQueryCache().getAll().length, 0);
  forgetLive();
});

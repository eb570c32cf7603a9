import { ManualClock } from '@hallhub/shared';
import t from 'tap';
import type { BrokerClient } from '../broker/index.js';
import type { AdapterHost, PresenceEvidence } from '../ports/index.js';
import { MqttChannel } from './mqtt-channel.js';

const rig = async () => {
  const clock = new ManualClock();
  const said: string[] = [];
  const presence = ({ ok, reason }: PresenceEvidence) => said.push(`${ok ? 'up' : 'down'} ${reason}`);
  const channel = new MqttChannel({ clock, presence } as unknown as AdapterHost, () => {});
  await channel.start();
  const line = (): BrokerClient => ({
    principal: { kind: 'device', deviceId: 'd', clientId: 'c' },
    address: '192.0.2.1:5',
    keepaliveMs: 30_000,
    send: () => Promise.resolve(),
    close: () => {},
  });
  return { clock, said, channel, line };
};

t.test('each cut has its own two seconds before the device is offline', async (t) => {
  const { clock, said, channel, line } = await rig();
  const [first, second] = [line(), line()];
  channel.connected('d', first);
  channel.disconnected('d', first, 'lost');
  await clock.advance(1_000);
  channel.connected('d', second);
  await clock.advance(500);
  channel.disconnected('d', second, 'lost');
  await clock.advance(1_900);
  t.same(said, ['up joined', 'up joined'], 'the grace of the first cut does not shorten that of the second');
  await clock.advance(100);
  t.same(said.slice(2), ['down will']);
});

t.test(
  'a goodbye is believed at once, a superseded connection says nothing, and nothing outlives a stop',
  async (t) => {
    const { clock, said, channel, line } = await rig();
    const [first, second] = [line(), line()];
    channel.connected('d', first);
    channel.connected('d', second);
    channel.disconnected('d', first, 'goodbye');
    t.same(said.slice(2), []);
    channel.disconnected('d', second, 'goodbye');
    t.same(said.slice(2), ['down goodbye']);
    channel.connected('d', first);
    channel.disconnected('d', first, 'lost');
    await channel.stop();
    await clock.advance(10_000);
    t.same(said.slice(3), ['up joined']);
  },
);

t.test('a device without keep-alive is gone when it says nothing for long, and back when it speaks', async (t) => {
  const { clock, said, channel, line } = await rig();
  const pings = line();
  const mute = { ...line(), keepaliveMs: 0 };
  channel.connected('p', pings);
  channel.connected('d', mute);
  await clock.advance(299_000);
  t.same(said, ['up joined', 'up joined']);
  await channel.message('d', {
    topic: 'hh/1/d/01900000-0000-7000-8000-00000000000d/state',
    payload: Buffer.from('{"online":true}'),
    qos: 0,
    retain: false,
    isWill: false,
  });
  await clock.advance(299_000);
  t.same(said.slice(2), ['up traffic'], 'what it says begins the time anew');
  await clock.advance(1_000);
  t.same(said.slice(3), ['down silent'], 'one that pings is left to its keep-alive');
  channel.disconnected('d', mute, 'goodbye');
  await channel.stop();
  await clock.advance(600_000);
  t.same(said.slice(4), ['down goodbye']);
});

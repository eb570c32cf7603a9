import type { MqttMapped } from '@hallhub/shared/profile';
import t, { type Test } from 'tap';
import { corpus, TestHost } from '../test-host.js';
import { mappedMqttConfigSchema } from './config.js';
import { MappedMqttAdapter } from './mapped-adapter.js';

const profiles = corpus();
const plug = profiles.find((one) => one.id === 'tasmota/plug-am2301');
if (!plug) throw new Error('no profile of the plug');
const sensor = (temperature: unknown) =>
  JSON.stringify({ Time: '2026-03-01T08:00:00', AM2301: { Temperature: temperature, Humidity: 45.6 } });

const bench = async (t: Test, config: object = {}) => {
  const host = new TestHost(profiles, 'mqtt-mapped');
  const adapter = new MappedMqttAdapter(mappedMqttConfigSchema.parse({ discover: false, ...config }), host);
  t.teardown(() => adapter.stop());
  const view = host.device('tasmota/plug-am2301#plug_7', plug, 'mqtt');
  adapter.attach(view);
  await adapter.start();
  return { host, adapter, view, broker: host.broker };
};

/** `AbortSignal.timeout` would not keep the process alive while nothing else runs. */
const within = (timeoutMs: number): AbortSignal => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('the time is over')), timeoutMs);
  return abort.signal;
};

const request = (deviceId: string, command: string, input: Record<string, unknown> = {}, timeoutMs = 1_000) => ({
  commandId: 'c',
  deviceId,
  command,
  input,
  remainingMs: timeoutMs,
  signal: within(timeoutMs),
});

t.test('messages become values; another device of the same kind is not heard', async (t) => {
  const { host, broker, view } = await bench(t);
  await broker.deliver('tele/plug_7/SENSOR', sensor(23.4));
  await broker.deliver('tele/plug_8/SENSOR', sensor(99));
  await broker.deliver('stat/plug_7/POWER', 'ON');
  t.match(host.readings, [
    { deviceId: view.deviceId, values: { temperature: 23.4, humidity: 45.6 } },
    { deviceId: view.deviceId, values: { power: true } },
  ]);
  t.match(host.evidence, [{ check: 'presence', ok: true, reason: 'traffic' }]);
});

t.test('a value that cannot be is null and bad, and the message is kept with its reason', async (t) => {
  const { host, broker } = await bench(t);
  await broker.deliver('tele/plug_7/SENSOR', sensor('warm'));
  t.match(host.readings, [{ values: { temperature: null, humidity: 45.6 }, quality: { temperature: 'bad' } }]);
  t.match(host.asides, [{ source: 'tele/plug_7/SENSOR', reason: /temperature/ }]);
  await broker.deliver('tele/plug_7/STATE', '{"POWER":');
  t.match(host.asides[1], { source: 'tele/plug_7/STATE', reason: 'the payload is not JSON' });
});

t.test('an event that tells a change is told when there is one, however often the device repeats itself', async (t) => {
  const sensor = profiles.find((one) => one.id === 'aqara/sjcgq11lm');
  if (!sensor) throw new Error('no profile of the leak sensor');
  const document = structuredClone(sensor.document);
  document.thing.events.push({ id: 'leaking', label: { zh: '漏水' }, severity: 'critical', fields: [] });
  const [rule] = (document.bindings.mqtt as MqttMapped).messages;
  if (rule) rule.events.leaking = { when: { pointer: '/water_leak', equals: true }, changed: 'water', fields: {} };
  const leak = { ...sensor, document };
  const host = new TestHost(profiles, 'mqtt-mapped');
  const adapter = new MappedMqttAdapter(mappedMqttConfigSchema.parse({ discover: false }), host);
  t.teardown(() => adapter.stop());
  adapter.attach(host.device('aqara/sjcgq11lm#sink', leak, 'mqtt'));
  await adapter.start();
  const say = (wet: boolean) =>
    host.broker.deliver('zigbee2mqtt/sink', JSON.stringify({ water_leak: wet, battery: 90, linkquality: 80 }));
  for (const wet of [true, true, true]) await say(wet);
  t.equal(host.events.length, 1, 'once');
  for (const wet of [false, false, true, true]) await say(wet);
  t.equal(host.events.length, 2, 'and when it leaks again');
});

t.test('the will is decisive, and a message afterwards proves the opposite', async (t) => {
  const { host, broker } = await bench(t);
  await broker.deliver('tele/plug_7/LWT', 'Offline');
  t.match(host.lastEvidence('presence'), { ok: false, reason: 'will', decisive: true });
  await broker.deliver('tele/plug_7/LWT', 'Online');
  t.match(host.lastEvidence('presence'), { ok: true });
  await broker.deliver('tele/plug_7/LWT', 'Offline', true);
  await broker.deliver('tele/plug_7/SENSOR', sensor(20), true);
  t.match(host.lastEvidence('presence'), { ok: false }, 'what the broker kept from before proves nothing');
  await broker.deliver('tele/plug_7/SENSOR', sensor(20));
  t.match(host.lastEvidence('presence'), { ok: true });
});

t.test('commands are published, answered or timed out; writes are published', async (t) => {
  const { adapter, broker, view } = await bench(t);
  broker.onPublish = (topic) => {
    if (topic === 'cmnd/plug_7/POWER') void broker.deliver('stat/plug_7/RESULT', '{"POWER":"ON"}');
  };
  t.same(await adapter.execute(request(view.deviceId, 'toggle')), { power: true });
  broker.onPublish = undefined;
  await t.rejects(adapter.execute(request(view.deviceId, 'toggle', {}, 50)), { message: 'the time is over' });
  t.equal(await adapter.execute(request(view.deviceId, 'blink', { times: 5 })), undefined);
  await adapter.write(view.deviceId, { power: false }, AbortSignal.timeout(1_000));
  t.same(
    broker.published.slice(2).map(({ topic, payload }) => `${topic} ${payload}`),
    ['cmnd/plug_7/BlinkCount 5', 'cmnd/plug_7/POWER BLINK', 'cmnd/plug_7/POWER OFF'],
  );
  await t.rejects(adapter.read(view.deviceId, ['power']), { code: 'unsupported' });
  await t.rejects(adapter.execute(request(view.deviceId, 'explode')), { code: 'unsupported' });
});

t.test('strangers are noticed by what they say, once each; a topic alone is not enough', async (t) => {
  const { host, adapter, broker } = await bench(t, { discover: true });
  await broker.deliver('tele/plug_9/STATE', '{"nothing":1}');
  t.same(host.foundDevices, []);
  await broker.deliver('tele/plug_9/SENSOR', sensor(20));
  await broker.deliver('tele/plug_9/SENSOR', sensor(21));
  await broker.deliver('tele/plug_7/SENSOR', sensor(21));
  t.match(host.foundDevices, [
    { address: 'tasmota/plug-am2301#plug_9', certainty: 'likely', identity: { serial: 'plug_9' } },
  ]);
  t.equal(host.foundDevices.length, 1);
  const heard = [];
  for await (const found of adapter.discover({ signal: AbortSignal.timeout(1_000) })) heard.push(found.identity.serial);
  t.same(heard.sort(), ['plug_7', 'plug_9']);
});

t.test('devices of edge.yaml are certain; a wrong profile there stops this adapter', async (t) => {
  const { host } = await bench(t, { devices: [{ profile: 'shelly/flood', name: 'cellar' }] });
  t.match(host.foundDevices, [{ address: 'shelly/flood#cellar', certainty: 'certain' }]);
  const config = mappedMqttConfigSchema.parse({ devices: [{ profile: 'no/such', name: 'x' }] });
  await t.rejects(new MappedMqttAdapter(config, new TestHost(profiles, 'x')).start(), { code: 'configuration' });
});

t.test('stopped and detached devices listen no more', async (t) => {
  const { host, adapter, broker, view } = await bench(t, { discover: true });
  adapter.detach(view.deviceId);
  const discovering = broker.listeners;
  t.ok(discovering > 0);
  await adapter.stop();
  t.equal(broker.listeners, 0);
  await broker.deliver('tele/plug_7/SENSOR', sensor(20));
  t.same(host.readings, []);
});

t.test('a profile that comes while the unit runs has its devices noticed, one that goes has not', async (t) => {
  const flood = profiles.find((one) => one.id === 'shelly/flood');
  if (!flood) return t.fail('no profile of the flood sensor');
  let known = [plug];
  let changed = () => {};
  const host = new TestHost(profiles, 'mqtt-mapped');
  const adapter = new MappedMqttAdapter(mappedMqttConfigSchema.parse({ discover: true }), {
    ...{ clock: host.clock, logger: host.logger, devices: host.devices, broker: host.broker },
    found: (found) => host.found(found),
    reading: (reading) => host.reading(reading),
    event: (event) => host.event(event),
    presence: (evidence) => host.presence(evidence),
    aside: (entry) => host.aside(entry),
    fault: (code, message) => host.fault(code, message),
    statusChanged: () => host.statusChanged(),
    profiles: {
      list: () => known,
      get: (id) => known.find((one) => one.id === id),
      onChange: (listener) => {
        changed = listener;
        return () => {
          changed = () => {};
        };
      },
    },
  });
  t.teardown(() => adapter.stop());
  await adapter.start();
  const plugsOnly = host.broker.listeners;
  await host.broker.deliver('shellies/flood-1/sensor/battery', '90');
  t.same(host.foundDevices, []);
  known = [plug, flood];
  changed();
  t.ok(host.broker.listeners > plugsOnly);
  await host.broker.deliver('shellies/flood-1/sensor/battery', '90');
  t.match(host.foundDevices, [{ profileId: 'shelly/flood' }]);
  known = [plug];
  changed();
  t.equal(host.broker.listeners, plugsOnly);
  await adapter.stop();
  t.equal(host.broker.listeners, 0);
});

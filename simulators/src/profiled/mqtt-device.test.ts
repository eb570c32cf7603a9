import { ManualClock } from '@hallhub/shared';
import { type Profile, parseProfile } from '@hallhub/shared/profile';
import t from 'tap';
import { MappedMqttDevice, type OutgoingMessage } from './mqtt-device.js';

const text = `schema: 1
vendor: acme
vendorLabel: { zh: 甲, en: Acme }
model: plug
label: { zh: 插座, en: Plug }
class: relay
version: 1.0.0
source: { kind: own, document: a test }
thing:
  properties:
    - { id: power, label: { zh: 功率, en: Power }, type: number, unit: W, range: [0, 3000], decimals: 1, deadBand: 5 }
    - { id: on, label: { zh: 开关, en: On }, type: boolean, access: rw, role: setting }
  events:
    - { id: pressed, label: { zh: 按下, en: Pressed }, severity: info, fields: [{ id: times, label: { zh: 次数, en: Times }, type: integer, unit: '1', range: [1, 5] }] }
  commands:
    - { id: count, label: { zh: 计次, en: Count }, input: [{ id: from, label: { zh: 起, en: From }, type: integer, unit: '1', range: [0, 9] }], output: [{ id: total, label: { zh: 合计, en: Total }, type: integer, unit: '1', range: [0, 9] }] }
bindings:
  mqtt:
    native: false
    presence: { topic: 'acme/{device}/online', online: 'yes', offline: 'no' }
    messages:
      - topic: 'acme/{device}/state'
        properties: { power: { pointer: /power, scale: 0.1 }, on: { pointer: /state, map: { 'ON': true, 'OFF': false } } }
      - topic: 'acme/{device}/button'
        events: { pressed: { fields: { times: { pointer: /times } } } }
    writes:
      on: { publish: [{ topic: 'acme/{device}/set', payload: { state: '{value}' } }], map: { 'ON': true, 'OFF': false } }
    commands:
      count:
        publish: [{ topic: 'acme/{device}/count', payload: { id: '{commandId}', from: '{from}' } }]
        reply: { topic: 'acme/{device}/reply', correlate: { pointer: /id, with: commandId }, failed: { pointer: /error, present: true }, output: { total: { pointer: /total } } }
simulation: { values: { power: { fixed: 12.3 }, on: { fixed: false } } }
`;

const profile = (): Profile => {
  const parsed = parseProfile(text, 'test.yaml');
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return parsed.profile;
};

const plug = () => {
  const sent: OutgoingMessage[] = [];
  const device = new MappedMqttDevice(profile(), {
    ...{ name: 'p1', clock: new ManualClock(), random: () => 0.5 },
    send: (message) => void sent.push(message),
  });
  /** What was sent since the last look. */
  const said = () => sent.splice(0).map(({ topic, payload }) => [topic, JSON.parse(payload.toString())]);
  const order = (topic: string, payload: object) =>
    device.receive(`acme/p1/${topic}`, Buffer.from(JSON.stringify(payload)));
  return { device, said, order };
};

t.test('it says its state in the words of the profile, and the same again only now and then', async (t) => {
  const { device, said } = plug();
  device.report();
  const state = ['acme/p1/state', { power: 123, state: 'OFF' }];
  t.same(said(), [state], 'a topic of events is silent');
  for (let i = 0; i < 5; i++) device.report();
  t.same(said(), []);
  device.report();
  t.same(said(), [state], 'a unit that came late hears it too');
  device.report(true);
  t.same(said(), [state]);
});

t.test('a write sets, and the new state is said at once; what is no value of it changes nothing', async (t) => {
  const { device, said, order } = plug();
  t.same(device.subscriptions, ['acme/p1/count', 'acme/p1/set']);
  t.ok(order('set', { state: 'ON' }));
  t.same(device.values(), { power: 12.3, on: true });
  t.same(said(), [['acme/p1/state', { power: 123, state: 'ON' }]]);
  t.notOk(order('set', { state: 'PERHAPS' }));
  t.notOk(order('set', { other: 'ON' }));
  t.notOk(device.receive('acme/p2/set', Buffer.from('{"state":"OFF"}')), 'another device is meant');
  t.notOk(device.receive('acme/p1/set', Buffer.from('{"sta')));
  t.equal(device.values().on, true);
});

t.test('a command is answered with its id and an output that fits; a device that refuses says so', async (t) => {
  const { device, said, order } = plug();
  t.ok(order('count', { id: 'c-1', from: 3 }));
  const answer = said().find(([topic]) => topic === 'acme/p1/reply')?.[1];
  t.match(answer, { id: 'c-1', total: Number });
  t.ok(answer.total >= 0 && answer.total <= 9);
  t.notOk('error' in answer);
  t.notOk(order('count', { id: 'c-2', from: 'some' }), 'no number');
  device.refuses = true;
  t.ok(order('count', { id: 'c-3', from: 3 }));
  const refusal = said().find(([topic]) => topic === 'acme/p1/reply')?.[1];
  t.match(refusal, { id: 'c-3' });
  t.ok('error' in refusal);
  t.notOk('total' in refusal);
  t.ok(order('set', { state: 'ON' }));
  t.equal(device.values().on, false, 'nothing is set');
});

t.test('an event is a message of its own; presence is kept by the broker', async (t) => {
  const { device, said } = plug();
  t.same(device.events, ['pressed']);
  t.ok(device.raise('pressed', { times: 2 }));
  t.same(said(), [['acme/p1/button', { times: 2 }]]);
  t.ok(device.raise('pressed'));
  t.match(said(), [['acme/p1/button', { times: Number }]]);
  t.notOk(device.raise('no-such-event'));
  const told = [true, false].map((online) => device.presence(online));
  t.match(told, [{ topic: 'acme/p1/online', retain: true }, { retain: true }]);
  t.same(
    told.map((one) => one?.payload.toString()),
    ['yes', 'no'],
  );
  t.ok(device.publications.includes('acme/p1/reply'));
});

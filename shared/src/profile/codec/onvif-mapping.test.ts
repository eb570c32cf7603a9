import fc from 'fast-check';
import t from 'tap';
import { thingModelSchema } from '../../thing/index.js';
import { checkOnvifCommand } from '../onvif-actions.js';
import { onvifBindingSchema } from '../onvif-schema.js';
import { decodeOnvifFacts, decodeOnvifNotification, plainTopic, planOnvifCommand } from './onvif-mapping.js';

const label = { zh: '甲' };
const thing = thingModelSchema.parse({
  properties: [
    { id: 'motion', label, type: 'boolean' },
    { id: 'alarmOutput', label, type: 'boolean' },
    { id: 'width', label, type: 'integer' },
    { id: 'brightness', label, type: 'number', access: 'rw', range: [0, 100] },
  ],
  events: [
    { id: 'crossed', label, fields: [{ id: 'rule', label, type: 'string' }] },
    { id: 'motionStarted', label },
  ],
});
const binding = onvifBindingSchema.parse({
  capabilities: ['profiles', 'events', 'relays', 'imaging'],
  properties: {
    motion: {
      topics: ['VideoSource/MotionAlarm', 'RuleEngine/CellMotionDetector/Motion'],
      item: ['IsMotion', 'State'],
    },
    alarmOutput: { topic: 'Device/Trigger/Relay', item: 'LogicalState', where: { RelayToken: '2' } },
    width: { fact: 'media.width' },
    brightness: { fact: 'imaging.brightness', write: true, scale: 0.5 },
  },
  events: {
    crossed: { topic: 'RuleEngine/LineDetector/Crossed', fields: { rule: { item: 'Rule' } } },
    motionStarted: {
      topics: ['VideoSource/MotionAlarm', 'RuleEngine/CellMotionDetector/Motion'],
      when: { item: ['IsMotion', 'State'], equals: true },
    },
  },
  commands: {
    openGate: { action: 'relay.pulse', with: { token: '2', durationMs: 500 } },
    lighter: { action: 'imaging.set' },
  },
});
const read = (topic: string, items: Record<string, string>) =>
  decodeOnvifNotification(binding, thing, { topic, items });

t.test('topics lose their prefixes', async (t) => {
  t.equal(plainTopic(' tns1:VideoSource/tnsvendor:MotionAlarm '), 'VideoSource/MotionAlarm');
  t.equal(plainTopic('VideoSource/MotionAlarm'), 'VideoSource/MotionAlarm');
});

t.test('notifications', async (t) => {
  t.same(read('tns1:VideoSource/MotionAlarm', { State: '1' })?.values, { motion: true });
  t.same(
    read('tns1:VideoSource/MotionAlarm', { State: 'maybe' })?.problems.map(({ path }) => path),
    ['motion'],
  );
  t.same(read('tns1:RuleEngine/LineDetector/Crossed', { Rule: 'door' })?.events, [
    { event: 'crossed', data: { rule: 'door' } },
  ]);
  t.same(
    read('tns1:RuleEngine/LineDetector/Crossed', {})?.problems.map(({ path }) => path),
    ['crossed.rule'],
  );
  t.equal(read('tns1:Device/HardwareFailure', {}), undefined);
});

t.test('one property and one event of two topics with items of different names', async (t) => {
  for (const [topic, name] of [
    ['tns1:VideoSource/MotionAlarm', 'State'],
    ['tns1:RuleEngine/CellMotionDetector/Motion', 'IsMotion'],
  ] as const) {
    t.match(read(topic, { [name]: 'true' }), { values: { motion: true }, events: [{ event: 'motionStarted' }] });
    t.match(read(topic, { [name]: 'false' }), { values: { motion: false }, events: [] });
  }
  t.match(read('VideoSource/MotionAlarm', {})?.problems, [{ path: 'motion', message: /IsMotion or State/ }]);
});

t.test('where tells two relays apart', async (t) => {
  t.same(read('tns1:Device/Trigger/Relay', { RelayToken: '2', LogicalState: 'true' })?.values, { alarmOutput: true });
  t.equal(read('tns1:Device/Trigger/Relay', { RelayToken: '1', LogicalState: 'true' }), undefined);
});

t.test('facts that are not there or do not fit', async (t) => {
  t.same(decodeOnvifFacts(binding, thing, {}), { values: {}, events: [], problems: [] });
  t.same(decodeOnvifFacts(binding, thing, { 'media.width': 1920, 'imaging.brightness': 130 }).values, {
    width: 1920,
    brightness: 65,
  });
  t.same(
    decodeOnvifFacts(binding, thing, { 'media.width': 'wide' }).problems.map(({ path }) => path),
    ['width'],
  );
});

t.test('a command has its input and what the profile fixes', async (t) => {
  t.same(planOnvifCommand(binding, 'openGate', { token: '1' }), {
    action: 'relay.pulse',
    arguments: { token: '2', durationMs: 500 },
  });
  t.same(planOnvifCommand(binding, 'lighter', { brightness: 60 })?.arguments, { brightness: 60 });
  t.equal(planOnvifCommand(binding, 'toString', {}), undefined);
});

t.test('what a command may say is checked', async (t) => {
  const check = (action: 'relay.set' | 'ptz.stop', inputs: string[], fixed?: Record<string, unknown>) =>
    checkOnvifCommand(binding, { action, with: fixed }, inputs).map(({ message }) => message);
  t.same(check('relay.set', ['on'], { token: '1' }), []);
  t.match(check('relay.set', [], { tokn: '1' }), [/no argument tokn; it has: on, token/, /needs the argument on/]);
  t.match(check('ptz.stop', ['pan']), [/needs the capability ptz/, /no argument pan/]);
});

t.test('a notification names one topic or several, not both and not none', async (t) => {
  const parse = (spec: object) =>
    onvifBindingSchema.safeParse({ capabilities: ['events'], properties: { motion: { item: 'A', ...spec } } }).success;
  t.ok(parse({ topic: 'A/B' }));
  t.ok(parse({ topics: ['A/B', 'C/D'] }));
  t.notOk(parse({}));
  t.notOk(parse({ topic: 'A', topics: ['B'] }));
  t.notOk(parse({ topic: 'tns1:A/B' }));
});

t.test('whatever a camera notifies: nothing escapes, and no other property is touched', async () => {
  const topics = fc.oneof(
    fc.constantFrom('tns1:VideoSource/MotionAlarm', 'tns1:Device/Trigger/Relay', 'RuleEngine/LineDetector/Crossed'),
    fc.string({ maxLength: 400 }),
  );
  const names = fc.oneof(
    fc.constantFrom('State', 'IsMotion', 'RelayToken', 'LogicalState', 'Rule', '__proto__', 'constructor'),
    fc.string(),
  );
  const items = fc.dictionary(names, fc.oneof(fc.constantFrom('true', '1', '2', ''), fc.string({ unit: 'binary' })));
  const facts = fc.record(
    {
      'media.width': fc.oneof(fc.double(), fc.string(), fc.boolean()),
      'imaging.brightness': fc.oneof(fc.double(), fc.string(), fc.boolean()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(topics, items, facts, (topic, items, told) => {
      const decoded = decodeOnvifNotification(binding, thing, { topic, items });
      for (const id of Object.keys(decoded?.values ?? {})) {
        if (!['motion', 'alarmOutput'].includes(id)) throw new Error(`touched ${id}`);
      }
      decodeOnvifFacts(binding, thing, told);
    }),
    { numRuns: 2_000 },
  );
});

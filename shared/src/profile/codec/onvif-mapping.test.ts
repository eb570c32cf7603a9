import t from 'tap';
import { thingModelSchema } from '../../thing/index.js';
import { onvifBindingSchema } from '../onvif-schema.js';
import { decodeOnvifFacts, decodeOnvifNotification, plainTopic } from './onvif-mapping.js';

const label = { zh: '甲' };
const thing = thingModelSchema.parse({
  properties: [
    { id: 'motion', label, type: 'boolean' },
    { id: 'width', label, type: 'integer' },
  ],
  events: [{ id: 'crossed', label, fields: [{ id: 'rule', label, type: 'string' }] }],
});
const binding = onvifBindingSchema.parse({
  capabilities: ['profiles', 'events'],
  properties: { motion: { topic: 'VideoSource/MotionAlarm', item: 'State' }, width: { fact: 'media.width' } },
  events: { crossed: { topic: 'RuleEngine/LineDetector/Crossed', fields: { rule: { item: 'Rule' } } } },
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

t.test('facts that are not there or do not fit', async (t) => {
  t.same(decodeOnvifFacts(binding, thing, {}), { values: {}, events: [], problems: [] });
  t.same(decodeOnvifFacts(binding, thing, { 'media.width': 1920 }).values, { width: 1920 });
  t.same(
    decodeOnvifFacts(binding, thing, { 'media.width': 'wide' }).problems.map(({ path }) => path),
    ['width'],
  );
});

import fc from 'fast-check';
import t from 'tap';
import { thingModelSchema } from '../../thing/index.js';
import { mqttMappedSchema } from '../mqtt-schema.js';
import {
  decodeMqttMessage,
  decodeMqttReply,
  deviceOfTopic,
  encodeMqttCommand,
  encodeMqttWrite,
  readPointer,
  topicFor,
} from './mqtt-mapping.js';

const label = { zh: '甲' };
const thing = thingModelSchema.parse({
  properties: [
    { id: 'temperature', label, type: 'number' },
    { id: 'open', label, type: 'boolean', access: 'rw' },
  ],
  events: [{ id: 'opened', label, fields: [{ id: 'by', label, type: 'string' }] }],
  commands: [
    {
      id: 'open',
      label,
      input: [{ id: 'seconds', label, type: 'integer' }],
      output: [{ id: 'took', label, type: 'number' }],
    },
  ],
});
const binding = mqttMappedSchema.parse({
  messages: [
    {
      topic: 'door/{device}/state',
      timestamp: { pointer: '/ts', format: 'epochS' },
      properties: {
        temperature: { pointer: '/t~1in', scale: 0.1 },
        open: { pointer: '/pos', map: { open: true, shut: false } },
      },
      events: {
        opened: { when: { pointer: '/pos', equals: 'open' }, fields: { by: { pointer: '/by/0', optional: true } } },
      },
    },
    { topic: 'door/+/csv', format: 'csv', separator: ';', properties: { temperature: { column: 1, missing: ['--'] } } },
  ],
  commands: {
    open: {
      publish: [{ topic: 'door/{device}/do', payload: { action: 'open', for: '{seconds}', note: 'by {device}' } }],
      reply: {
        topic: 'door/{device}/done',
        failed: { pointer: '/ok', equals: false },
        output: { took: { pointer: '/ms', scale: 0.001 } },
      },
    },
  },
  writes: {
    open: { publish: [{ topic: 'door/{device}/set', payload: 'pos={value}' }], map: { open: true, shut: false } },
  },
});
const read = (topic: string, payload: unknown) =>
  decodeMqttMessage(binding, thing, {
    topic,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

t.test('JSON: pointers, scaling, maps, time and events', async (t) => {
  t.same(read('door/d1/state', { ts: 1772323200.5, 't/in': 215, pos: 'open', by: ['key 7'] }), {
    values: { temperature: 21.5, open: true },
    events: [{ event: 'opened', data: { by: 'key 7' } }],
    at: 1772323200500,
    problems: [],
  });
  t.same(read('door/d1/state', { ts: 0, 't/in': 0, pos: 'shut' })?.events, []);
  const bad = read('door/d1/state', { ts: 'x', 't/in': {}, pos: 'ajar' });
  t.same(
    bad?.problems.map(({ path }) => path),
    ['timestamp', 'temperature', 'open'],
  );
  t.equal(read('door/d1/other', {}), undefined);
  t.throws(() => read('door/d1/state', '{'), { code: 'protocol_violation' });
});

t.test('CSV', async (t) => {
  t.same(read('door/d1/csv', '7; 21.5 ;x')?.values, { temperature: 21.5 });
  t.same(read('door/d1/csv', '7;--'), { values: {}, events: [], problems: [] });
  t.same(read('door/d1/csv', '7')?.problems.length, 1);
});

t.test('topics', async (t) => {
  t.equal(deviceOfTopic('a/{device}/b', 'a/x/b'), 'x');
  t.equal(deviceOfTopic('a/{device}/b', 'a/x/y/b'), undefined);
  t.equal(deviceOfTopic('a.c/{device}', 'abc/x'), undefined, 'a dot is a dot');
  t.equal(topicFor('a/{device}/b', 'x'), 'a/x/b');
});

t.test('commands, writes and answers', async (t) => {
  t.same(encodeMqttCommand(binding, 'open', { seconds: 5 }, 'd1'), [
    { topic: 'door/d1/do', payload: '{"action":"open","for":5,"note":"by d1"}', qos: 1, retain: false },
  ]);
  t.equal(encodeMqttWrite(binding, 'open', false, 'd1')[0]?.payload, 'pos=shut');
  t.throws(() => encodeMqttCommand(binding, 'open', {}, 'd1'), { code: 'invalid_input' });
  t.throws(() => encodeMqttCommand(binding, 'open', { seconds: 5 }, 'd1/#'), { code: 'invalid_input' });
  t.throws(() => encodeMqttCommand(binding, 'shut', {}, 'd1'), { code: 'unsupported' });
  const reply = binding.commands.open?.reply;
  if (!reply) return t.fail('no reply');
  const answer = (payload: string) => decodeMqttReply(reply, thing, 'open', { topic: 'door/d1/done', payload });
  t.same(answer('{"ok":true,"ms":1500}'), { ok: true, output: { took: 1.5 }, problems: [] });
  t.equal(answer('{"ok":false,"ms":1}')?.ok, false);
});

t.test('pointers reach own values only', async (t) => {
  t.equal(readPointer({ a: [{ b: 1 }] }, '/a/0/b'), 1);
  t.equal(readPointer({ '': { '~': 2 } }, '//~0'), 2);
  t.equal(readPointer({}, '/constructor'), undefined);
  t.equal(readPointer('abc', '/length'), undefined);
  t.equal(readPointer(3, ''), 3);
});

t.test('no payload makes it throw anything but a protocol violation', async (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.constantFrom('door/d/state', 'door/d/csv'), (payload, topic) => {
      try {
        read(topic, payload);
        return true;
      } catch (error) {
        return (error as { code?: string }).code === 'protocol_violation';
      }
    }),
  );
  t.pass();
});

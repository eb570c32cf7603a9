import t from 'tap';
import { thingModelSchema } from '../../thing/index.js';
import { mqttMappedSchema } from '../mqtt-schema.js';
import { readPointer } from './mqtt-body.js';
import { decodeMqttMessage, decodeMqttReply, decodePresence } from './mqtt-mapping.js';
import { encodeMqttCommand, encodeMqttWrite } from './mqtt-publish.js';
import { deviceOfTopic, filterForAll, topicFor } from './mqtt-topic.js';

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

t.test('a problem quotes nothing that is about a person: it goes to the cloud', async (t) => {
  const shape = { label, type: 'enum', values: [{ id: 'x', label }], personal: true };
  const person = thingModelSchema.parse({
    properties: [{ id: 'sex', ...shape }],
    events: [{ id: 'read', label, fields: [{ id: 'age', label, type: 'integer', personal: true }] }],
  });
  const rule = mqttMappedSchema.parse({
    messages: [
      {
        topic: 'a',
        properties: { sex: { pointer: '/s', map: { 1: 'x' } } },
        events: { read: { fields: { age: { pointer: '/n' } } } },
      },
    ],
  });
  const decoded = decodeMqttMessage(rule, person, { topic: 'a', payload: '{"s":"110105199001010011","n":"Zhang"}' });
  t.same(decoded?.problems, [
    { path: 'sex', message: 'sex cannot be read' },
    { path: 'read.age', message: 'read.age cannot be read' },
  ]);
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
  t.equal(deviceOfTopic('dt/x-{device}/up', 'dt/x-7/up'), '7');
  t.equal(deviceOfTopic('dt/x-{device}/up', 'dt/y-7/up'), undefined);
  t.equal(deviceOfTopic('{device}/+/{device}.json', 'd/any/d.json'), 'd');
  t.equal(deviceOfTopic('{device}/+/{device}.json', 'd/any/e.json'), undefined, 'one device, one name');
  t.equal(deviceOfTopic('a/b', 'a/b'), '', 'a topic without a device');
  t.equal(filterForAll('dt/x-{device}/+/up'), 'dt/+/+/up');
});

const parse = (more: object) => mqttMappedSchema.parse({ messages: [{ topic: 'x/{device}' }], ...more });

t.test('binary messages: alone, and wrapped in JSON', async (t) => {
  const properties = {
    temperature: { at: 1, type: 'i16', order: 'little', scale: 0.1 },
    open: { at: 3, type: 'bits', bit: 7, map: { 1: true, 0: false } },
  };
  const messages = [
    { topic: 'a/{device}', format: 'binary', when: { at: 0, type: 'u8', equals: 3 }, properties },
    { topic: 'b/{device}', format: 'binary', wrapped: { pointer: '/data', encoding: 'base64' }, properties },
  ];
  const binding = parse({ messages });
  const bytes = Uint8Array.of(3, 0x0c, 0xfe, 0x80);
  t.same(decodeMqttMessage(binding, thing, { topic: 'a/d', payload: bytes })?.values, {
    temperature: -50,
    open: true,
  });
  t.equal(decodeMqttMessage(binding, thing, { topic: 'a/d', payload: Uint8Array.of(4) }), undefined);
  t.same(decodeMqttMessage(binding, thing, { topic: 'a/d', payload: Uint8Array.of(3, 0) })?.problems.length, 2);
  const wrapped = (data: unknown) =>
    decodeMqttMessage(binding, thing, { topic: 'b/d', payload: JSON.stringify({ data }) });
  t.same(wrapped('Awz+gA==')?.values, { temperature: -50, open: true });
  t.same(wrapped('Awz-gA')?.values, { temperature: -50, open: true }, 'the alphabet for addresses, without padding');
  t.throws(() => wrapped('Awz+g*'), { code: 'protocol_violation' });
  t.throws(() => wrapped(7), { code: 'protocol_violation' });
});

t.test('what was retained: values are used and events are not, unless the profile says otherwise', async (t) => {
  const rule = { topic: 'x/{device}', properties: { temperature: { pointer: '/t' } }, events: { opened: {} } };
  const decode = (retained?: string) =>
    decodeMqttMessage(parse({ messages: [{ ...rule, retained }] }), thing, {
      topic: 'x/d',
      payload: '{"t":1}',
      retain: true,
    });
  t.match(decode(), { values: { temperature: 1 }, events: [] });
  t.match(decode('use'), { events: [{ event: 'opened' }] });
  t.equal(decode('ignore'), undefined);
});

t.test('presence: words, JSON, and a will that is a word where the device sends JSON', async (t) => {
  const json = parse({ presence: { topic: 'x/{device}/on', pointer: '/state', online: 'online', offline: 'offline' } });
  const read = (payload: string) => decodePresence(json, { topic: 'x/d/on', payload });
  t.equal(read('{"state":"online"}'), 'online');
  t.equal(read('{"state":"offline"}'), 'offline');
  t.equal(read('offline'), 'offline');
  t.equal(read('{"state":{}}'), undefined);
  const truth = parse({ presence: { topic: 'x/{device}/on', pointer: '/on', online: 'true', offline: 'false' } });
  t.equal(decodePresence(truth, { topic: 'x/d/on', payload: '{"on":true}' }), 'online');
});

t.test('a command that names its id takes only the answer that repeats it', async (t) => {
  const commandId = '01900000-0000-7000-8000-00008000000a';
  const binding = parse({
    commands: {
      open: {
        publish: [{ topic: 'rpc/{device}', payload: { id: '{commandNumber}', tag: '{commandId}', for: '{seconds}' } }],
        reply: { topic: 'rpc/{device}/r', correlate: { pointer: '/id', with: 'commandNumber' } },
      },
    },
  });
  const [sent] = encodeMqttCommand(binding, 'open', { seconds: 1 }, { device: 'd', commandId });
  t.equal(sent?.payload, `{"id":10,"tag":"${commandId}","for":1}`);
  const reply = binding.commands.open?.reply;
  if (!reply) return t.fail('no reply');
  const answer = (payload: string, retain = false) =>
    decodeMqttReply(reply, thing, 'open', { topic: 'rpc/d/r', payload, commandId, retain });
  t.equal(answer('{"id":11}'), undefined);
  t.equal(answer('not json'), undefined);
  t.equal(answer('{"id":10}', true), undefined, 'what was retained answers nobody');
  t.equal(answer('{"id":10}')?.ok, true);
});

t.test('binary commands', async (t) => {
  const publish = (binary: object[]) => parse({ commands: { open: { publish: [{ topic: 'x/{device}', binary }] } } });
  const send = (binary: object[], seconds = 300) =>
    encodeMqttCommand(publish(binary), 'open', { seconds }, 'd')[0]?.payload;
  t.same(
    send([{ hex: '01 02' }, { input: 'seconds', type: 'u16', order: 'little' }, { text: 'd={device}' }]),
    Uint8Array.of(1, 2, 0x2c, 1, 0x64, 0x3d, 0x64),
  );
  t.same(send([{ input: 'seconds', type: 'bcd', bytes: 2 }]), Uint8Array.of(3, 0));
  t.same(send([{ input: 'seconds', type: 'i24', scale: 0.5 }], -1), Uint8Array.of(0xff, 0xff, 0xfe));
  t.same(send([{ input: 'seconds', type: 'f32' }], 1.5), Uint8Array.of(0x3f, 0xc0, 0, 0));
  t.throws(() => send([{ input: 'seconds', type: 'u8' }]), { code: 'invalid_input' });
  t.throws(() => send([{ input: 'seconds', type: 'bcd', bytes: 1 }]), { code: 'invalid_input' });
  t.throws(() => publish([{ input: 'seconds', type: 'bcd' }]));
});

t.test('what cannot be is refused when the profile is read', async (t) => {
  const wrong = (message: object) => mqttMappedSchema.safeParse({ messages: [{ topic: 'x', ...message }] }).success;
  t.notOk(wrong({ properties: { temperature: { column: 1 } } }), 'a column of JSON');
  t.notOk(wrong({ format: 'csv', properties: { temperature: {} } }), 'no column');
  t.notOk(wrong({ format: 'binary', properties: { temperature: { at: 1 } } }), 'no type');
  t.notOk(wrong({ format: 'binary', when: { pointer: '/a' } }), 'a pointer into bytes');
  t.notOk(
    wrong({ format: 'binary', properties: { temperature: { at: 0, type: 'bits', bit: 7, width: 2, bytes: 1 } } }),
  );
  t.notOk(wrong({ wrapped: { encoding: 'hex' } }), 'JSON is not wrapped');
  for (const topic of ['a/#', 'a+/b', '{device}{device}']) t.notOk(wrong({ topic }), topic);
  const publish = { topic: 'x/+', payload: 'x' };
  t.notOk(mqttMappedSchema.safeParse({ messages: [{ topic: 'x' }], writes: { a: { publish: [publish] } } }).success);
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

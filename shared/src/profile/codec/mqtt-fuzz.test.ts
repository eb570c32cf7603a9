import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import t from 'tap';
import { thingModelSchema } from '../../thing/index.js';
import { binaryTypeSchema, type MessagePlace, mqttMappedSchema } from '../mqtt-schema.js';
import { readBinary } from './mqtt-binary.js';
import type { MqttMessageIn } from './mqtt-body.js';
import { decodeMqttMessage, decodeMqttReply, decodePresence } from './mqtt-mapping.js';
import { encodeMqttWrite } from './mqtt-publish.js';
import { deviceOfTopic, filterForAll, topicFor } from './mqtt-topic.js';

const label = { zh: '甲' };
const thing = thingModelSchema.parse({
  properties: [
    { id: 'number', label, type: 'number', access: 'rw' },
    { id: 'whole', label, type: 'integer' },
    { id: 'flag', label, type: 'boolean' },
    { id: 'word', label, type: 'string' },
  ],
  events: [{ id: 'pressed', label, fields: [{ id: 'key', label, type: 'integer' }] }],
  commands: [{ id: 'go', label, output: [{ id: 'took', label, type: 'number' }] }],
});
const picks = (pick: (index: number) => object) => ({
  number: pick(0),
  whole: { ...pick(1), optional: true },
  flag: pick(2),
  word: pick(3),
});
const json = (index: number) => ({ pointer: ['', '/a', '/0', '/a/b/0'][index] });
const binary = (index: number) =>
  [
    { at: 0, type: 'f32' },
    { at: -2, type: 'u16', order: 'little' },
    { at: 3, type: 'bits', bit: 9, width: 3 },
    { at: 2, type: 'text' },
  ][index] ?? {};
const timestamp = { pointer: '/t', format: 'iso' };
const events = { pressed: { when: { pointer: '/a', oneOf: [1, 'x'] }, fields: { key: { pointer: '/k' } } } };
const binding = mqttMappedSchema.parse({
  messages: [
    { topic: 'json/{device}', timestamp, properties: picks(json), events },
    { topic: 'csv/{device}', format: 'csv', separator: ';', properties: picks((column) => ({ column })) },
    { topic: 'text/{device}', format: 'text', properties: { word: {} } },
    { topic: 'binary/{device}', format: 'binary', properties: picks(binary) },
    { topic: 'base64/{device}', format: 'binary', wrapped: { encoding: 'base64' }, properties: picks(binary) },
    {
      topic: 'hex/{device}',
      format: 'binary',
      wrapped: { pointer: '/a', encoding: 'hex' },
      properties: picks(binary),
    },
  ],
  presence: { topic: 'json/{device}', pointer: '/a', online: '1', offline: '0' },
  commands: {
    go: {
      publish: [{ topic: 'go/{device}', payload: '{commandId}' }],
      reply: { topic: 'json/{device}', correlate: { pointer: '/a' }, output: { took: { pointer: '/k' } } },
    },
  },
  writes: { number: { publish: [{ topic: 'set/{device}', binary: [{ input: 'value', type: 'i32' }] }], scale: 0.01 } },
});
const formats = ['json', 'csv', 'text', 'binary', 'base64', 'hex'];

const payload = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.json(),
  fc.json().map((text) => text.slice(0, Math.floor(text.length / 2))),
  fc.uint8Array({ maxLength: 300 }),
  fc.base64String(),
  fc.stringMatching(/^[0-9a-fA-F]*$/),
  fc.constantFrom('', '\0', '[', '{"a":', 'null', '1e999', '-0', '{"__proto__":{"a":1}}', 'NaN'),
);
const message = fc.record({
  topic: fc.constantFrom(...formats).map((format) => `${format}/d`),
  payload,
  retain: fc.boolean(),
});

/** Only a protocol violation may come out of what a device sends. */
const survives = (act: () => unknown): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'protocol_violation';
  }
};

t.test('no payload makes a decoder throw anything but a protocol violation', async (t) => {
  fc.assert(
    fc.property(message, (one: MqttMessageIn) =>
      [
        () => decodeMqttMessage(binding, thing, one),
        () => decodePresence(binding, one),
        () => {
          const reply = binding.commands.go?.reply;
          return reply && decodeMqttReply(reply, thing, 'go', { ...one, commandId: 'x' });
        },
      ].every(survives),
    ),
    { numRuns: 3_000 },
  );
  t.pass();
});

t.test('what is decoded is of the model’s types and of its own properties', async (t) => {
  fc.assert(
    fc.property(message, (one) => {
      let decoded: ReturnType<typeof decodeMqttMessage>;
      try {
        decoded = decodeMqttMessage(binding, thing, one);
      } catch {
        return true;
      }
      const types = { number: 'number', whole: 'number', flag: 'boolean', word: 'string' } as Record<string, string>;
      return Object.entries(decoded?.values ?? {}).every(
        ([id, value]) => typeof value === types[id] && (typeof value !== 'number' || Number.isFinite(value)),
      );
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

const place = fc.record(
  {
    at: fc.integer({ min: -70, max: 70 }),
    type: fc.constantFrom(...binaryTypeSchema.options),
    order: fc.constantFrom('big' as const, 'little' as const),
    bytes: fc.integer({ min: 1, max: 4 }),
    bit: fc.integer({ min: 0, max: 31 }),
    width: fc.integer({ min: 1, max: 32 }),
  },
  { requiredKeys: ['at', 'type'] },
);

t.test('a field never reads past the payload, nor what lies around it', async (t) => {
  fc.assert(
    fc.property(place, fc.uint8Array({ maxLength: 64 }), (where: MessagePlace, bytes) => {
      const room = new Uint8Array(bytes.length + 32).fill(0xa5);
      room.set(bytes, 16);
      const read = (from: Uint8Array): unknown => {
        try {
          return String(readBinary(where, from));
        } catch (error) {
          return (error as { code?: string }).code;
        }
      };
      return read(bytes) === read(room.subarray(16, 16 + bytes.length));
    }),
    { numRuns: 2_000 },
  );
  t.pass();
});

t.test('whole numbers of every size come back as they were written, in both orders', async (t) => {
  const sizes = { u8: 1, i8: 1, u16: 2, i16: 2, u24: 3, i24: 3, u32: 4, i32: 4 } as const;
  for (const type of Object.keys(sizes) as (keyof typeof sizes)[]) {
    const range = 256 ** sizes[type];
    const [min, max] = type.startsWith('i') ? [-range / 2, range / 2 - 1] : [0, range - 1];
    fc.assert(
      fc.property(fc.integer({ min, max }), fc.constantFrom('big', 'little'), (value, order) => {
        const writes = { number: { publish: [{ topic: 'x', binary: [{ input: 'value', type, order }] }] } };
        const wire = encodeMqttWrite(
          mqttMappedSchema.parse({ messages: [{ topic: 'x' }], writes }),
          'number',
          value,
          'd',
        );
        const bytes = wire[0]?.payload;
        return (
          bytes instanceof Uint8Array &&
          bytes.length === sizes[type] &&
          readBinary({ at: 0, type, order: order as 'big' }, bytes) === value
        );
      }),
      { numRuns: 100 },
    );
  }
  t.pass();
});

t.test('a topic made for a device gives the device back', async (t) => {
  const level = fc.constantFrom('a', '{device}', 'x-{device}', '{device}.json', '+', 'a.b', '(c)');
  const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/[/+#\0\n\r\u2028\u2029]/.test(text));
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), name, (levels, device) => {
      const template = levels.join('/');
      if (!template.includes('{device}') || device.includes('{device}')) return true;
      const topic = topicFor(template, device).replaceAll('+', 'any');
      return deviceOfTopic(template, topic) === device && !/[^/]\+|\+[^/]/.test(filterForAll(template));
    }),
    { numRuns: 1_000 },
  );
  t.pass();
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
/** Without what nobody holds any more. */
const heldBytes = (): number => {
  collect();
  return process.memoryUsage().heapUsed;
};

t.test('huge payloads: deep, long and wide ones are read or refused, and leave nothing behind', async (t) => {
  const size = 262_144;
  const huge = [
    '['.repeat(size),
    `${'['.repeat(size / 2)}${']'.repeat(size / 2)}`,
    `"${'x'.repeat(size)}"`,
    ';'.repeat(size),
    new Uint8Array(size).fill(0xff),
    `{"a":"${'0'.repeat(size)}"}`,
  ];
  const read = (times: number) => {
    for (let index = 0; index < times; index++) {
      for (const one of huge) {
        for (const format of formats)
          if (!survives(() => decodeMqttMessage(binding, thing, { topic: `${format}/d`, payload: one })))
            t.fail(format);
      }
    }
  };
  read(3);
  const before = heldBytes();
  read(12);
  t.ok(heldBytes() - before < 32 * 1_048_576, 'the heap does not grow with what came');
});

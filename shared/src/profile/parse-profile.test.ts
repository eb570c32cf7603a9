import fc from 'fast-check';
import t from 'tap';
import { maxProfileBytes } from './compose/yaml-source.js';
import { parseProfile } from './parse-profile.js';
import { canonicalJson, profileHash } from './profile-hash.js';
import { formatIssue } from './profile-issue.js';

const good = `schema: 1
vendor: acme
vendorLabel: { zh: 甲厂, en: Acme }
model: t-1
label: { zh: 温度计, en: Thermometer }
class: environment-sensor
version: 1.0.0
source: { kind: manual, document: T-1 manual }
thing:
  properties:
    - { id: temperature, label: { zh: 温度, en: Temperature }, type: number, unit: Cel, role: primary }
    - id: mode
      label: { zh: 模式, en: Mode }
      type: enum
      values:
        - { id: heat, label: { zh: 制热, en: Heat } }
bindings:
  modbus:
    groups:
      fast: { everyMs: 1000 }
    points:
      temperature: { table: input, address: 1, type: i16, scale: 0.1, group: fast }
      mode: { table: holding, address: 2, type: u16, map: { '1': heat } }
`;
const issuesOf = (text: string) => parseProfile(text, 'acme/t-1.yaml').issues.map(formatIssue);
const swap = (from: string, to: string) => {
  if (!good.includes(from)) throw new RangeError(from);
  return issuesOf(good.replace(from, to));
};

t.test('a good file', async (t) => {
  const parsed = parseProfile(good, 'acme/t-1.yaml');
  t.ok(parsed.ok, issuesOf(good).join('\n'));
  if (!parsed.ok) return;
  t.equal(parsed.profile.bindings.modbus?.maxGap, 8, 'defaults are filled in');
  t.same(parsed.locate(['bindings', 'modbus', 'points', 'mode']), {
    file: 'acme/t-1.yaml',
    line: 23,
    column: 7,
    path: 'bindings.modbus.points.mode',
  });
  t.match(profileHash(parsed.profile), /^[0-9a-f]{64}$/);
});

t.test('each mistake is named with file, line, column and a plain sentence', async (t) => {
  const cases: [string, string, string][] = [
    [
      'type: i16',
      'type: i17',
      'acme/t-1.yaml:22:48: error: bindings.modbus.points.temperature.type: type is "i17" and should be one of bool',
    ],
    [
      'address: 1,',
      'addres: 1,',
      'acme/t-1.yaml:22:36: error: bindings.modbus.points.temperature.addres: addres is not known here',
    ],
    ['address: 1,', 'address: x,', 'address should be a number and is "x"'],
    [
      'group: fast',
      'group: slow',
      'acme/t-1.yaml:22:71: error: bindings.modbus.points.temperature.group: there is no poll group slow [reference]',
    ],
    ["map: { '1': heat }", "map: { '1': cool }", 'mode has no value cool'],
    [
      '      mode:',
      '      mood:',
      'acme/t-1.yaml:23:7: error: bindings.modbus.points.mood: the thing model has no property mood',
    ],
    ['vendor: acme', 'vendor: Acme Ltd', 'a name is kebab-case'],
    ['schema: 1', 'schema: 2', 'acme/t-1.yaml:1:1: error: schema: schema is 2 and should be 1'],
    ['class: environment-sensor\n', '', 'class is missing'],
    ['unit: Cel', 'unit: °C', 'a unit is a UCUM code'],
    ['id: temperature,', 'id: Temperature,', 'an id is camelCase'],
    ['version: 1.0.0', 'version: 1.0', 'version should be text and is 1'],
    ['table: input', 'table: coil', 'a coil holds a bool'],
    ['bindings:\n  modbus:', 'bindings:\n  modbus: *nowhere\n  x:', 'acme/t-1.yaml:18:11: error: not valid YAML'],
    ['model: t-1\n', 'model: t-1\nmodel: t-2\n', 'acme/t-1.yaml:5:1: error: not valid YAML'],
  ];
  for (const [from, to, expected] of cases) {
    const issues = swap(from, to);
    t.ok(
      issues.some((issue) => issue.includes(expected)),
      `${expected}\n  got ${issues.join('\n  ')}`,
    );
  }
});

t.test('an event that tells a change names a property of its own message', async (t) => {
  const mapped = (changed: string) =>
    issuesOf(`${good
      .replace(/bindings:[\s\S]*/, '')
      .replace('thing:', 'thing:\n  events: [{ id: warmer, label: { zh: 变热, en: Warmer } }]')}bindings:
  mqtt:
    messages:
      - topic: a/{device}
        properties: { temperature: { pointer: /t } }
        events: { warmer: { changed: ${changed} } }
`);
  t.same(mapped('temperature'), []);
  t.match(mapped('mode'), [/the message gives no property mode/]);
});

t.test('the nearest variant explains a union', async (t) => {
  const issues = issuesOf(
    good.replace(
      /bindings:[\s\S]*/,
      'bindings:\n  mqtt:\n    messages:\n      - { topic: a/b, properties: { temperature: { pointer: Temperature } } }\n      - { topic: a/b, properties: { mode: {} } }\n',
    ),
  );
  t.same(issues.length, 1);
  t.match(issues[0], /t-1\.yaml:20:\d+: .*a JSON pointer is empty or starts with/);
});

t.test('what is too big, empty or no profile at all', async (t) => {
  t.match(issuesOf('#'.repeat(maxProfileBytes + 1))[0], /may have 262144/);
  t.match(issuesOf('')[0], /should be a group of keys and is empty/);
  t.match(issuesOf('- a')[0], /should be a group of keys and is a list/);
  t.match(issuesOf('a: [')[0], /acme\/t-1.yaml:1:\d+: error: not valid YAML/);
  const bomb = `a0: &a0 [x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}*a${i}]`).join('\n')}\n`;
  t.notOk(parseProfile(bomb, 'x.yaml').ok, 'aliases that multiply');
});

t.test('no text makes it throw, and every issue lies in the file', async (t) => {
  const lines = good.split('\n');
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.string({ unit: 'binary', maxLength: 30 }), (at, junk) => {
      const text = lines.map((line, index) => (index === at ? junk : line)).join('\n');
      const parsed = parseProfile(text, 'x.yaml');
      return (
        parsed.ok || (parsed.issues.length > 0 && parsed.issues.every(({ line, column }) => line >= 1 && column >= 1))
      );
    }),
  );
  t.pass();
});

t.test('the hash is that of the content, not of its order', async (t) => {
  t.equal(canonicalJson({ b: [1, { d: 2, c: undefined }], a: '厅' }), '{"a":"厅","b":[1,{"d":2}]}');
  t.equal(profileHash({ a: 1, b: 2 }), profileHash({ b: 2, a: 1 }));
  t.not(profileHash({ a: 1 }), profileHash({ a: 2 }));
  // printf '{"a":1}' | sha256sum
  t.equal(profileHash({ a: 1 }), '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
});

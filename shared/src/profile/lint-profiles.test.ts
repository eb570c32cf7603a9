import t from 'tap';
import { lintProfiles } from './lint-profiles.js';
import { loadCorpus } from './load-corpus.js';

const head = '# yaml-language-server: $schema=../profile.schema.json\n';
const label = { zh: '甲', en: 'A' };
const base = {
  schema: 1,
  vendor: 'acme',
  vendorLabel: label,
  model: 'x',
  label,
  class: 'other',
  version: '1.0.0',
  source: { kind: 'own', document: 'x' },
  match: { mqtt: [{ vendor: 'acme', model: 'x' }] },
  thing: { properties: [{ id: 'level', label, type: 'number', unit: '1', role: 'primary' }] },
  bindings: { mqtt: { native: true } },
  alarms: [{ id: 'offline', kind: 'offline', label, severity: 'warning' }],
};
const vectors = { profile: 'acme/x', vectors: [{ kind: 'native', name: 'one', values: { level: 1 } }] };

/** Rules that complain about the base profile with a change, in any order. */
function rules(change: object, extra: { path: string; text: string }[] = []): string[] {
  const files = [
    { path: 'acme/x.yaml', text: head + JSON.stringify({ ...base, ...change }) },
    { path: 'vectors/acme/x.json', text: JSON.stringify(vectors) },
    ...extra,
  ];
  return [...new Set(lintProfiles(files).map(({ rule }) => rule))].sort();
}

t.test('the base is clean', async (t) => t.same(rules({}), []));

t.test('each rule finds its mistake', async (t) => {
  const thing = (property: object, more: object = {}) => ({
    thing: { properties: [{ ...base.thing.properties[0], ...property }], ...more },
  });
  t.same(rules({ label: { zh: '甲' } }), ['label-en']);
  t.same(rules({ label: { zh: 'Display', en: 'Display' } }), ['label-zh']);
  t.same(rules(thing({ unit: undefined })), ['unit']);
  t.same(rules(thing({ access: 'rw' })), ['settable-range']);
  t.same(rules(thing({ role: 'normal' })), ['primary']);
  t.same(rules(thing({}, { commands: [{ id: 'say', label, input: [{ id: 'text', label, type: 'string' }] }] })), [
    'settable-length',
    'untested',
  ]);
  t.same(rules({ alarms: [] }), ['offline-alarm']);
  t.same(
    rules({
      alarms: [...base.alarms, { id: 'high', kind: 'threshold', label, severity: 'info', property: 'level', above: 1 }],
    }),
    ['hysteresis'],
  );
  t.same(rules({ model: 'y' }), ['place', 'vectors']);
  t.same(rules({ version: 1 }), ['schema']);
});

t.test('parts that nothing uses', async (t) => {
  const unused = (bindings: object, thing: object = base.thing) =>
    rules({ bindings, thing, match: {} }).includes('unused');
  const points = { level: { table: 'input', address: 0, type: 'f32' } };
  t.notOk(unused({ modbus: { points } }));
  t.ok(unused({ modbus: { points: {} } }), 'a property that no point reads');
  t.ok(unused({ modbus: { points, groups: { fast: { everyMs: 1000 } } } }), 'an empty group');
  t.ok(
    unused({ modbus: { points } }, { properties: [{ ...base.thing.properties[0], access: 'rw', range: [0, 1] }] }),
    'never written',
  );
  t.ok(unused({ modbus: { points } }, { ...base.thing, events: [{ id: 'happened', label }] }), 'an event');
  t.ok(unused({ modbus: { points } }, { ...base.thing, commands: [{ id: 'go', label }] }), 'a command');
  const serial = { line: { baudRate: 9600 }, framing: { type: 'fixed', bytes: 2 } };
  const frame = { match: { size: 2 }, properties: { level: { at: 0, type: 'u8' } } };
  t.notOk(unused({ serial: { ...serial, frames: { level: frame } } }));
  t.ok(unused({ serial: { ...serial, frames: { level: frame, other: { match: { size: 2 } } } } }), 'a silent frame');
  t.ok(unused({ serial: { ...serial, frames: { level: frame }, params: { address: { default: 1 } } } }), 'a param');
});

t.test('files against one another', async (t) => {
  const twin = (change: object, path = 'acme/y.yaml') => [
    { path, text: head + JSON.stringify({ ...base, ...change }) },
    { path: 'vectors/acme/y.json', text: JSON.stringify({ ...vectors, profile: 'acme/y' }) },
  ];
  const alarms = [{ ...base.alarms[0], afterMs: 5000 }];
  t.same(rules({}, twin({ model: 'y' })), ['overlap', 'twin'], 'a copy');
  t.same(rules({}, twin({ model: 'y', alarms })), ['overlap'], 'the same rule');
  t.same(
    rules({}, twin({ model: 'y', alarms, match: { mqtt: [{ vendor: 'acme', model: '*' }] } })),
    [],
    'a wider rule gives way',
  );
  t.same(rules({}, twin({}, 'acme/z.yaml').slice(0, 1)), ['unique-identity']);
  t.same(rules({}, [{ path: 'vectors/acme/z.json', text: '{' }]), ['vectors'], 'vectors that are no JSON');
  t.same(rules({}, [{ path: 'acme/z.yaml', text: ':' }]), ['schema'], 'one broken file leaves the others alone');
  t.same(rules({}, [{ path: 'README.md', text: '#' }]), []);
});

t.test('a broken vector file is told where it is broken, and is not called missing', async (t) => {
  const lines = ['{', '  "profile": "acme/z",', '  "vectors": [', '    { "kind": "mqtSend", "name": "a" }', '  ]', '}'];
  const issues = (text: string) =>
    loadCorpus([{ path: 'vectors/acme/z.json', text }]).issues.map(({ line, message }) => `${line} ${message}`);
  t.match(issues(lines.join('\n')), [/^4 kind is "mqtSend", which is not known here: it should be one of modbusRead/]);
  t.match(issues(lines.join('\n').replace('"name": "a" }', 'name }')), [/^4 not valid JSON/]);
});

import t from 'tap';
import { lintProfiles } from '../lint-profiles.js';
import { loadCorpus } from '../load-corpus.js';
import { formatIssue } from '../profile-issue.js';
import { countModels } from './lint-composition.js';

const label = { zh: '甲', en: 'A' };
const template = {
  schema: 1,
  template: 'level',
  label,
  thing: { properties: [{ id: 'level', label, type: 'number', unit: 'm', role: 'primary' }] },
};
const base = {
  schema: 1,
  vendor: 'acme',
  vendorLabel: label,
  model: 'x',
  label,
  class: 'other',
  version: '1.0.0',
  source: { kind: 'own', document: 'x' },
  uses: ['level'],
  bindings: { modbus: { points: { level: { table: 'input', address: 0, type: 'f32' } } } },
  alarms: [{ id: 'offline', kind: 'offline', label, severity: 'warning' }],
};
const vectors = {
  profile: 'acme/x',
  vectors: [{ kind: 'modbusRead', name: 'one', table: 'input', address: 0, hex: '3F 80 00 00', values: { level: 1 } }],
};
const child = {
  schema: 1,
  vendor: 'acme',
  model: 'y',
  label,
  version: '1.0.0',
  source: base.source,
  extends: 'acme/x',
};

const text = (value: object, schema = 'profile') =>
  `# yaml-language-server: $schema=../${schema}.schema.json\n${JSON.stringify(value)}`;
const filesOf = (change: object = {}, extra: { path: string; text: string }[] = [], parts: object = {}) => [
  { path: 'templates/level.yaml', text: text({ ...template, ...parts }, 'template') },
  { path: 'acme/x.yaml', text: text({ ...base, ...change }) },
  { path: 'vectors/acme/x.json', text: JSON.stringify(vectors) },
  ...extra,
];
const lint = (...args: Parameters<typeof filesOf>) =>
  lintProfiles(filesOf(...args)).map((issue) => formatIssue(issue).replace(/^([^:]+):\d+:\d+: /, '$1: '));

t.test('the base is clean', async (t) => t.same(lint(), []));

t.test('templates', async (t) => {
  const spare = { path: 'templates/spare.yaml', text: text({ ...template, template: 'spare' }, 'template') };
  t.match(lint({}, [spare]), [/^templates\/spare.yaml: warning: template: no profile uses this template \[unused\]/]);
  t.match(lint({}, [], { label: { zh: '甲' } }), [/^templates\/level.yaml: error: label: .*no English/], 'told once');
  const lost = { path: 'templates/other.yaml', text: text({ ...template, template: 'lost' }, 'template') };
  t.match(lint({}, [lost]), [/should be named templates\/lost.yaml/, /unused/]);
  t.match(lint({}, [], { simulation: { values: { level: { fixed: 'x' }, none: { fixed: 1 } } } }), [
    /templates\/level.yaml: error: simulation.values.level: level is "x".* \[simulation\]/,
    /no property none/,
  ]);
  const nameless = template.thing.properties.map(({ label: { zh }, ...one }) => ({ ...one, label: { zh } }));
  t.match(lint({}, [], { thing: { properties: nameless } }), [
    /^templates\/level.yaml: error: thing.properties.0.label: .*no English text/,
  ]);
});

t.test('variants', async (t) => {
  const variant = (firmware: string, address: number) => ({
    firmware,
    bindings: { modbus: { points: { level: { address } } } },
  });
  t.match(lint({ variants: [variant('>=3 <2', 4)] }), [/variants.0.firmware: no firmware is in >=3 <2 \[variant\]/]);
  t.same(lint({ variants: [variant('<2', 4), variant('>=2 <3', 5)] }), []);
  t.match(lint({ variants: [variant('<=2', 4), variant('>=2 <3', 5)] }), [
    /warning: variants.0.firmware: <=2 and >=2 <3 overlap and set the same part differently/,
  ]);
  const more = { firmware: '>=1', alarms: [{ id: 'offline', afterMs: 5000 }] };
  t.same(lint({ variants: [variant('<2', 4), more] }), [], 'what overlaps may change different parts');
});

t.test('internal values and derived ones', async (t) => {
  const raw = { id: 'raw', label, type: 'integer', role: 'internal' };
  const points = {
    level: { table: 'input', address: 0, type: 'f32' },
    raw: { table: 'input', address: 2, type: 'u16' },
  };
  const change = { thing: { properties: [raw] }, bindings: { modbus: { points } } };
  t.match(lint(change), [/no vector touches/, /raw is internal and nothing is derived from it \[unused\]/]);
  const depth = { id: 'depth', label, type: 'number', unit: 'm' };
  const derived = { depth: { feel: 'level * raw' } };
  t.match(lint({ ...change, thing: { properties: [raw, depth] }, derived }), [/untested/, /untested/], 'used');
  const alarm = { id: 'high', kind: 'threshold', label, severity: 'info', property: 'raw', above: 1, hysteresis: 1 };
  t.match(lint({ ...change, alarms: [...base.alarms, alarm] })[0], /raw is internal: the cloud/);
});

t.test('instances are told from models', async (t) => {
  const count = (...children: object[]) => {
    const extra = children.map((one, at) => ({ path: `acme/y${at}.yaml`, text: text({ ...one, model: `y${at}` }) }));
    return countModels(loadCorpus(filesOf({}, extra)));
  };
  t.same(count(), { models: 1, instances: 0 });
  t.same(count({ ...child, match: { modbus: [{ deviceId: { modelName: 'Y' } }] } }), { models: 1, instances: 1 });
  t.same(count({ ...child, class: 'meter', thing: { properties: [{ id: 'level', label: { zh: '乙', en: 'B' } }] } }), {
    models: 1,
    instances: 1,
  });
  t.same(count({ ...child, bindings: { modbus: { points: { level: { address: 2 } } } } }), { models: 2, instances: 0 });
  t.same(lint({}, [{ path: 'acme/y.yaml', text: text(child) }]), [], 'an instance needs no vectors');
  const { extends: _, ...alone } = { ...base, ...child };
  t.match(lint({}, [{ path: 'acme/y.yaml', text: text(alone) }]), [
    /there is no vectors\/acme\/y.json/,
    /acme\/y.yaml: error: model: acme\/x is the same in all but its names/,
  ]);
});

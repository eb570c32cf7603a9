import t from 'tap';
import { loadCorpus } from '../load-corpus.js';
import { profileHash } from '../profile-hash.js';
import { formatIssue } from '../profile-issue.js';
import { CorpusMemory } from './corpus-memory.js';
import { resolveForFirmware } from './resolve-firmware.js';

const label = (zh: string) => `{ zh: ${zh}, en: ${zh} }`;
const power = `schema: 1
template: power
label: ${label('电力')}
thing:
  properties:
    - { id: voltage, label: ${label('电压')}, type: number, unit: V, range: [0, 500], deadBand: 1 }
    - { id: current, label: ${label('电流')}, type: number, unit: A, role: primary }
  events:
    - { id: tripped, label: ${label('跳闸')}, severity: warning }
alarms:
  - { id: highVoltage, kind: threshold, label: ${label('过压')}, severity: warning, property: voltage, above: 250, hysteresis: 5 }
  - { id: tripped, kind: event, label: ${label('跳闸')}, severity: critical, event: tripped }
simulation:
  values: { voltage: { start: 230, swing: 4, periodS: 600 }, current: { fixed: 3 } }
`;
const head = (model: string, vendor = 'acme') => `schema: 1
vendor: ${vendor}
model: ${model}
label: ${label(model)}
version: 1.0.0
source: { kind: manual, document: x }
`;
const meter = `${head('m-1')}vendorLabel: ${label('甲')}
class: meter
uses: [{ template: power, except: [tripped] }]
thing:
  properties:
    - { id: voltage, range: [0, 300], role: primary, deadBand: null }
    - { id: power, label: ${label('功率')}, type: number, unit: W }
bindings:
  modbus:
    groups: { fast: { everyMs: 1000 } }
    points:
      voltage: { table: input, address: 0, type: f32, group: fast }
      current: { table: input, address: 2, type: f32, group: fast }
      power: { table: input, address: 4, type: f32 }
`;

const load = (files: Record<string, string>) => {
  const corpus = loadCorpus(Object.entries(files).map(([path, text]) => ({ path, text })));
  return {
    corpus,
    issues: corpus.issues.map(formatIssue),
    of: (id: string) => corpus.entries.find((one) => one.id === id),
  };
};
const base = { 'templates/power.yaml': power, 'acme/m-1.yaml': meter };

t.test('a template lies under the profile’s own entries', async (t) => {
  const { of, issues } = load(base);
  t.same(issues, []);
  const entry = of('acme/m-1');
  t.same(entry?.uses, ['power']);
  t.same(entry?.profile.thing, {
    properties: [
      {
        ...{ id: 'voltage', label: { zh: '电压', en: '电压' }, type: 'number', unit: 'V', range: [0, 300] },
        ...{ access: 'r', role: 'primary' },
      },
      { id: 'current', label: { zh: '电流', en: '电流' }, type: 'number', unit: 'A', access: 'r', role: 'primary' },
      { id: 'power', label: { zh: '功率', en: '功率' }, type: 'number', unit: 'W', access: 'r', role: 'normal' },
    ],
    events: [],
    commands: [],
  });
  t.same(
    entry?.profile.alarms.map(({ id }) => id),
    ['highVoltage'],
    'an alarm of an event left out falls away',
  );
  t.same(Object.keys(entry?.profile.simulation?.values ?? {}), ['voltage', 'current']);
  t.notOk('uses' in (entry?.profile ?? {}), 'what is resolved is plain');
});

t.test('only takes what it names', async (t) => {
  const { of } = load({ ...base, 'acme/m-1.yaml': meter.replace('except: [tripped]', 'only: [voltage, current]') });
  t.same(
    of('acme/m-1')?.profile.alarms.map(({ id }) => id),
    ['highVoltage'],
  );
});

t.test('faults are named in the file where they stand', async (t) => {
  const issues = (files: Record<string, string>) => load({ ...base, ...files }).issues;
  t.match(
    issues({ 'acme/m-1.yaml': meter.replace('range: [0, 300]', 'range: [300, 0]') })[0],
    /^acme\/m-1.yaml:12:22: .*least value 300/,
  );
  t.match(issues({ 'templates/power.yaml': power.replace('unit: V', 'unit: °V') }), [
    /^templates\/power.yaml:6:63: error: thing.properties.0.unit: a unit is a UCUM code/,
    /^acme\/m-1.yaml:9:8: .*the template power has faults of its own \[composition\]/,
  ]);
  t.match(issues({ 'templates/power.yaml': power.replace('property: voltage', 'property: volts') }), [
    /^templates\/power.yaml:11:87: error: alarms.0.property: the thing model has no property volts \[reference\]/,
    /^acme\/m-1.yaml:9:8/,
  ]);
  t.match(
    issues({ 'acme/m-1.yaml': meter.replace('points:\n      voltage:', 'points:\n      volts:') })[0],
    /^acme\/m-1.yaml:18:7: .*no property volts/,
  );
  const noCurrent = meter.replace('    - { id: power,', '    - { id: voltage, remove: true }\n    - { id: power,');
  t.match(issues({ 'acme/m-1.yaml': noCurrent })[0], /the id "voltage" is used twice/);
  const removed = meter.replace(
    '{ id: voltage, range: [0, 300], role: primary, deadBand: null }',
    '{ id: voltage, remove: true }',
  );
  t.match(
    issues({ 'acme/m-1.yaml': removed }),
    [
      /^acme\/m-1.yaml:18:7: .*no property voltage/,
      /^templates\/power.yaml:11:\d+: error: alarms.0.property: the thing model has no property voltage/,
    ],
    'what only the merge breaks is shown where it was written',
  );
  for (const [from, to, expected] of [
    ['except: [tripped]', 'except: [fly]', 'acme/m-1.yaml:9:8: error: uses.0: the template power has no fly'],
    ['template: power', 'template: water', 'acme/m-1.yaml:9:8: error: uses.0: there is no template water'],
    ['except: [tripped]', 'except: [], only: []', 'uses.0.only'],
    ['uses: [', 'uses: [power, ', 'property voltage comes from power already'],
    ['deadBand: null', 'step: null', 'step is to be deleted and is not there'],
    ['- { id: power, label', '- { id: power, remove: true, label', 'power is to be removed and is not there'],
    ['uses: [', 'extends: nobody\nuses: [', 'extends names a profile as vendor/model'],
    ['uses: [', 'extends: nobody/none\nuses: [', 'acme/m-1.yaml:9:1: error: extends: there is no profile nobody/none'],
    ['uses: [', 'extends: acme/m-1\nuses: [', 'acme/m-1 starts from this profile in turn'],
  ] as const) {
    const found = issues({ 'acme/m-1.yaml': meter.replace(from, to) });
    t.ok(
      found.some((one) => one.includes(expected)),
      `${expected}\n  got ${found.join('\n  ')}`,
    );
  }
});

const child = `${head('m-2')}extends: acme/m-1
bindings:
  modbus:
    groups: { slow: { everyMs: 60000 } }
    points: { power: null, current: { address: 20 } }
thing: { properties: [{ id: power, remove: true }] }
`;

t.test('a profile that extends another', async (t) => {
  const { of, issues } = load({ ...base, 'acme/m-2.yaml': child });
  t.same(issues, []);
  const profile = of('acme/m-2')?.profile;
  t.equal(of('acme/m-2')?.extends, 'acme/m-1');
  t.same(profile?.vendorLabel, { zh: '甲', en: '甲' }, 'taken over');
  t.same(Object.keys(profile?.bindings.modbus?.groups ?? {}), ['fast', 'slow'], 'maps merge');
  t.match(profile?.bindings.modbus?.points, { current: { table: 'input', address: 20, type: 'f32' } });
  t.same(
    profile?.thing.properties.map(({ id }) => id),
    ['voltage', 'current'],
  );
  t.same(of('acme/m-2')?.locate(['bindings', 'modbus', 'points', 'voltage', 'type']), {
    file: 'acme/m-1.yaml',
    line: 18,
    column: 44,
    path: 'bindings.modbus.points.voltage.type',
  });
  t.same(of('acme/m-2')?.locate(['thing', 'properties', 1, 'unit']).file, 'templates/power.yaml');
  const matched = `${meter}match: { modbus: [{ reads: [{ table: input, address: 0, type: u16, equals: 1 }] }] }\n`;
  t.same(load({ ...base, 'acme/m-1.yaml': matched, 'acme/m-2.yaml': child }).of('acme/m-2')?.profile.match.modbus, []);
  const nameless = child.replace(/label: .*\n/, '');
  t.match(load({ ...base, 'acme/m-2.yaml': nameless }).issues[0], /acme\/m-2.yaml:1:1: error: label: label is missing/);
  const broken = load({ ...base, 'acme/m-1.yaml': meter.replace('unit: W', 'unit: °'), 'acme/m-2.yaml': child }).issues;
  t.match(broken, [/^acme\/m-1.yaml:13/, /^acme\/m-2.yaml:7:1: error: extends: acme\/m-1 has faults of its own/]);
});

t.test('bases in a circle', async (t) => {
  const circle = (model: string, of: string) => `${head(model)}extends: acme/${of}\n`;
  const { issues, corpus } = load({ 'acme/a.yaml': circle('a', 'b'), 'acme/b.yaml': circle('b', 'a') });
  t.equal(corpus.entries.length, 0);
  t.match(issues, [
    /acme\/a.yaml:7:1: .*acme\/b has faults of its own/,
    /acme\/b.yaml:7:1: .*acme\/a starts from this profile in turn/,
  ]);
});

const varied = `${meter}variants:
  - firmware: ">=2"
    bindings: { modbus: { points: { voltage: { address: 100 } } } }
  - firmware: ">=2.5 <3"
    thing: { properties: [{ id: power, remove: true }] }
    bindings: { modbus: { points: { power: null, voltage: { address: 200 } } } }
`;

t.test('variants by firmware', async (t) => {
  const { of, issues } = load({ ...base, 'acme/m-1.yaml': varied });
  t.same(issues, []);
  const profile = of('acme/m-1')?.profile;
  if (!profile) return t.fail('no profile');
  const at = (firmware?: string) => {
    const { profile: one, variants, hash } = resolveForFirmware(profile, firmware);
    t.notOk('variants' in one);
    t.equal(hash, profileHash(one));
    return [one.bindings.modbus?.points.voltage?.address, one.thing.properties.length, [...variants]];
  };
  t.same(at(undefined), [0, 3, []]);
  t.same(at('V1.9 build 3'), [0, 3, []]);
  t.same(at('2.0'), [100, 3, [0]]);
  t.same(at('2.7.1'), [200, 2, [0, 1]], 'both, in order');
  t.same(at('3'), [100, 3, [0]]);
  t.not(resolveForFirmware(profile, '1').hash, resolveForFirmware(profile, '2').hash);
});

t.test('a variant that breaks the profile is told where it stands', async (t) => {
  const issues = (from: string, to: string) => load({ ...base, 'acme/m-1.yaml': varied.replace(from, to) }).issues;
  t.match(issues('address: 100', 'addres: 100')[0], /^acme\/m-1.yaml:23:48: .*addres is not known here \(firmware 2\)/);
  t.match(
    issues('power: null, ', '')[0],
    /^acme\/m-1.yaml:20:7: .*no property power \(firmware 2.5\)/,
    'shown at the point that is left over',
  );
  t.match(issues('"&gt;=2"'.replace('&gt;', '>'), 'two')[0], /a version range is comparisons/);
  t.match(issues('id: power, remove', 'id: pow, remove')[0], /pow is to be removed and is not there/);
});

t.test('with a memory only what changed is made anew', async (t) => {
  const memory = new CorpusMemory();
  const other = `${head('o-1', 'other')}${meter.split('version: 1.0.0\nsource: { kind: manual, document: x }\n')[1]}`;
  const alone = other
    .replace(/uses: .*\n/, '')
    .replace(/ {4}- \{ id: voltage.*\n/, '')
    .replace(/ {6}(voltage|current): .*\n/g, '');
  const load = (files: Record<string, string>) => {
    const corpus = loadCorpus(
      Object.entries(files).map(([path, text]) => ({ path, text })),
      memory,
    );
    t.same(corpus.issues.map(formatIssue), []);
    return new Map(corpus.entries.map(({ id, profile }) => [id as string, profile]));
  };
  const files = { ...base, 'acme/m-2.yaml': child, 'other/o-1.yaml': alone };
  const first = load(files);
  t.same([...first.keys()], ['acme/m-1', 'acme/m-2', 'other/o-1']);
  const second = load({ ...files });
  for (const [id, profile] of first) t.equal(second.get(id), profile, `${id} is the same object`);
  const third = load({ ...files, 'templates/power.yaml': power.replace('above: 250', 'above: 260') });
  t.equal(third.get('other/o-1'), first.get('other/o-1'));
  t.match(third.get('acme/m-1')?.alarms, [{ above: 260 }]);
  t.match(third.get('acme/m-2')?.alarms, [{ above: 260 }], 'by way of its base');
  const fourth = load({ ...files, 'acme/m-2.yaml': child.replace('address: 20', 'address: 22') });
  t.equal(fourth.get('other/o-1'), first.get('other/o-1'));
  t.same(fourth.get('acme/m-1'), first.get('acme/m-1'));
  t.equal(fourth.get('acme/m-2')?.bindings.modbus?.points.current?.address, 22);
  t.same([...load(base).keys()], ['acme/m-1']);
});

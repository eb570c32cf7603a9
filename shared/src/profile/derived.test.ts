import fc from 'fast-check';
import t from 'tap';
import { readFeel } from '../feel/index.js';
import { thingModelSchema } from '../thing/thing-model.js';
import type { ThingValue } from '../thing/value-shape.js';
import { compileDerived, findDerivedCycle } from './derived.js';
import { formatIssue, parseProfile } from './index.js';

const label = { zh: '甲', en: 'A' };
const number = (id: string, more: object = {}) => ({ id, label, type: 'number', unit: 'W', ...more });
const thing = {
  properties: [
    number('powerL1'),
    number('powerL2'),
    number('power'),
    number('share', { unit: '%', range: [0, 100] }),
    {
      id: 'mode',
      label,
      type: 'enum',
      values: [
        { id: 'idle', label },
        { id: 'busy', label },
      ],
    },
    { id: 'raw', label, type: 'integer', role: 'internal' },
  ],
};
const derived = {
  share: { feel: '100 * powerL1 / power' },
  power: { feel: 'powerL1 + powerL2' },
  mode: { feel: 'if power > 100 then "busy" else "idle"' },
};
const plan = (rules: Record<string, { feel: string }> = derived) => {
  const compiled = compileDerived({ thing: thingModelSchema.parse(thing), derived: rules });
  if (!compiled) throw new RangeError('nothing is derived');
  return compiled;
};
const nothing = () => undefined;

t.test('derived of derived, each behind its inputs', async (t) => {
  t.same(
    plan().order.map(({ id }) => id),
    ['power', 'share', 'mode'],
  );
  t.same(plan().derive({ powerL1: 60, powerL2: 90 }, nothing), {
    values: { power: 150, share: 40, mode: 'busy' },
    problems: [],
  });
});

t.test('only what depends on the change is computed anew, with what is known of the rest', async (t) => {
  const known: Record<string, ThingValue> = { powerL1: 1, powerL2: 2, power: 3, share: 50 };
  const two = { ...derived, share: { feel: 'raw * 2' } };
  t.same(plan(two).derive({ raw: 3 }, (id) => known[id]).values, { share: 6 });
  t.same(plan(two).derive({ powerL2: 4 }, (id) => known[id]).values, { power: 5, mode: 'idle' });
  t.same(plan(two).derive({ share: 1 }, (id) => known[id]).values, {}, 'nothing depends on it');
});

t.test('what is missing, what is null and what does not fit', async (t) => {
  t.same(plan().derive({ powerL1: 60 }, nothing).values, { mode: 'idle' }, 'null > 100 is not true');
  t.same(
    plan().derive({ powerL1: 0, powerL2: 0 }, nothing),
    { values: { power: 0, mode: 'idle' }, problems: [] },
    '0 / 0',
  );
  const bad = plan().derive({ powerL1: 60, powerL2: -30 }, nothing);
  t.match(bad, { values: { power: 30 }, problems: [{ path: 'share', message: 'share is 200, outside 0..100' }] });
  t.same(plan({ power: { feel: '0.1 * powerL1 + 0.2' } }).derive({ powerL1: 1 }, nothing).values, { power: 0.3 });
  t.same(compileDerived({ thing: thingModelSchema.parse(thing) }), undefined);
});

t.test('what an expression reads', async (t) => {
  const names = new Set(['powerL1', 'date', 'count', 'mode']);
  const read = (text: string) => readFeel(text, names);
  t.match(read('powerL1 * 2 + date'), { ok: true, inputs: ['powerL1', 'date'], unknown: [], sum: false });
  t.match(read('powerL1 + (date - mode)'), { sum: true });
  t.match(read('count([powerL1, 2]) + string length(mode)'), { inputs: ['powerL1', 'mode'], unknown: [] });
  t.match(read('volts + powerL1'), { inputs: ['powerL1'], unknown: ['volts'] });
  t.match(read('fly(powerL1)'), { unknown: ['fly'] });
  t.match(read('[powerL1, 3][item > 1][1]'), { inputs: ['powerL1'], unknown: [] });
  t.match(read('now()'), { forbidden: ['now()'] });
  t.match(read('for i in 1..9999999999 return i'), { forbidden: ['for'] });
  t.match(read('some i in [1] satisfies i > powerL1'), { forbidden: ['some'] });
  t.match(read('powerL1 +'), { ok: false, message: /Incomplete/ });
  t.match(read(') powerL1'), { ok: false });
  t.same(
    findDerivedCycle(
      new Map([
        ['a', ['b']],
        ['b', ['c', 'a']],
        ['c', []],
      ]),
    ),
    ['a', 'b', 'a'],
  );
});

t.test('faults are told with their place', async (t) => {
  const file = (rules: string, thingText = JSON.stringify(thing)) => `schema: 1
vendor: acme
vendorLabel: ${JSON.stringify(label)}
model: x
label: ${JSON.stringify(label)}
class: meter
version: 1.0.0
source: { kind: own, document: x }
thing: ${thingText}
bindings: { modbus: { points: { powerL1: { table: input, address: 0, type: f32 } } } }
derived:
  ${rules}
`;
  const issues = (rules: string, thingText?: string) =>
    parseProfile(file(rules, thingText), 'x.yaml').issues.map(formatIssue);
  t.same(issues('power: { feel: powerL1 + powerL2 }'), []);
  for (const [rules, expected] of [
    [
      'power: { feel: powerL1 + volts }',
      'x.yaml:12:12: error: derived.power.feel: the thing model has no property volts [reference]',
    ],
    ['volts: { feel: powerL1 }', 'x.yaml:12:3: error: derived.volts: the thing model has no property volts'],
    ['power: { feel: "powerL1 +" }', 'not a FEEL expression: Incomplete'],
    ['power: { feel: "1 + 2" }', 'it uses no property'],
    ['power: { feel: "powerL1 + raw" }', 'power is in W and raw in 1'],
    ['powerL1: { feel: power }', 'powerL1 is read from the device'],
    ['{ power: { feel: share * 2 }, share: { feel: power / 2 } }', 'derived in a circle: power -> share -> power'],
    ['power: { feel: "if now() > mode then 1 else 2" }', 'now() cannot be used here'],
  ] as const) {
    const found = issues(rules);
    t.ok(
      found.some((one) => one.includes(expected)),
      `${expected}\n  got ${found.join('\n  ')}`,
    );
  }
  const settable = JSON.stringify(thing).replace('"id":"power",', '"id":"power","access":"rw",');
  t.match(issues('power: { feel: powerL1 }', settable), [/its access is r/]);
  const personal = JSON.stringify(thing).replace('"id":"powerL1",', '"id":"powerL1","personal":true,');
  t.match(issues('power: { feel: powerL1 }', personal), [/made of personal data/]);
});

t.test('whatever the values, it neither throws nor keeps anything', async (t) => {
  const compiled = plan();
  const value = fc.oneof(fc.double(), fc.boolean(), fc.string(), fc.constant(undefined));
  fc.assert(
    fc.property(value, value, value, (a, b, c) => {
      const given = Object.entries({ powerL1: a, powerL2: b, raw: c }).filter(([, one]) => one !== undefined);
      const { values } = compiled.derive(Object.fromEntries(given) as Record<string, ThingValue>, nothing);
      return Object.keys(values).every((id) => id in derived);
    }),
  );
  t.pass();
});

t.test('no text makes an expression throw', async (t) => {
  const parts = ['powerL1', '+', '(', ')', 'if', 'then', 'else', '[', ']', '"', '..', 'null', '1', 'in', '{', ':', '.'];
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((all) => all.join(' ')),
  );
  fc.assert(
    fc.property(text, (feel) => {
      const read = readFeel(feel, new Set(['powerL1']));
      return read.ok ? Array.isArray(read.inputs) : read.message.length > 0;
    }),
  );
  t.pass();
});

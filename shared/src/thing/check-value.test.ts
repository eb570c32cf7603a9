import fc from 'fast-check';
import t from 'tap';
import {
  checkInput,
  checkValue,
  checkWrite,
  commandSchema,
  type Property,
  propertySchema,
  thingModelSchema,
} from './index.js';

const property = (extra: object): Property =>
  propertySchema.parse({ id: 'level', label: { zh: '值' }, type: 'number', ...extra });

const codeOf = (result: ReturnType<typeof checkValue>) => (result.ok ? 'ok' : result.errors[0]?.code);

t.test('each type takes its own values and names what is wrong with others', async (t) => {
  const cases: [object, unknown, string][] = [
    [{}, 1.5, 'ok'],
    [{}, '1.5', 'type'],
    [{}, Number.NaN, 'type'],
    [{}, Number.POSITIVE_INFINITY, 'type'],
    [{}, null, 'type'],
    [{ range: [0, 10] }, 10, 'ok'],
    [{ range: [0, 10] }, 10.01, 'range'],
    [{ range: [0, 10] }, -0.01, 'range'],
    [{ type: 'integer' }, 3, 'ok'],
    [{ type: 'integer' }, 3.5, 'type'],
    [{ type: 'integer' }, 2 ** 53, 'type'],
    [{ type: 'boolean' }, false, 'ok'],
    [{ type: 'boolean' }, 0, 'type'],
    [{ type: 'string' }, '厅', 'ok'],
    [{ type: 'string', maxLength: 2 }, '厅枢😀', 'length'],
    [{ type: 'string', maxLength: 3 }, '厅枢😀', 'ok'],
    [{ type: 'string', pattern: '[A-Z]\\d+' }, 'A12', 'ok'],
    [{ type: 'string', pattern: '[A-Z]\\d+' }, 'xA12', 'pattern'],
    [{ type: 'enum', values: [{ id: 'on', label: { zh: '开' } }] }, 'on', 'ok'],
    [{ type: 'enum', values: [{ id: 'on', label: { zh: '开' } }] }, 'off', 'enum'],
    [{ type: 'enum', values: [{ id: 'on', label: { zh: '开' } }] }, 1, 'type'],
  ];
  for (const [extra, value, expected] of cases) {
    t.equal(codeOf(checkValue(property(extra), value)), expected, `${JSON.stringify(extra)} ${String(value)}`);
  }
});

t.test('writing looks at access and step', async (t) => {
  t.equal(codeOf(checkWrite(property({}), 1)), 'readOnly');
  const stepped = property({ access: 'rw', range: [-10, 10], step: 0.1 });
  t.equal(codeOf(checkWrite(stepped, 0.3)), 'ok', 'in spite of floating point');
  t.equal(codeOf(checkWrite(stepped, 0.35)), 'step');
  t.equal(codeOf(checkValue(stepped, 0.35)), 'ok', 'a reading may lie between steps');
});

t.test('a command’s input: defaults filled in, missing and unknown fields named by path', async (t) => {
  const command = commandSchema.parse({
    id: 'call',
    label: { zh: '叫号' },
    input: [
      { id: 'counter', label: { zh: '窗口' }, type: 'integer', range: [1, 99] },
      { id: 'times', label: { zh: '次数' }, type: 'integer', range: [1, 5], default: 2 },
      { id: 'note', label: { zh: '说明' }, type: 'string', optional: true },
    ],
  });
  t.same(checkInput(command, { counter: 3 }), { ok: true, value: { counter: 3, times: 2 } });
  const bad = checkInput(command, { counter: 0, times: 6, colour: 'red' });
  t.notOk(bad.ok);
  t.same(!bad.ok && bad.errors.map(({ path, code }) => [path, code]), [
    ['colour', 'unknown'],
    ['counter', 'range'],
    ['times', 'range'],
  ]);
  const missing = checkInput(command, undefined);
  t.same(!missing.ok && missing.errors.map(({ path, code }) => [path, code]), [['counter', 'required']]);
  for (const input of [[], 'x', 3]) t.notOk(checkInput(command, input).ok);
  const inherited = checkInput(command, JSON.parse('{"counter":1,"__proto__":{"note":"x"}}'));
  t.notOk(inherited.ok, 'an own key __proto__ is an unknown field');
});

t.test('never throws, and what it accepts is unchanged', async (t) => {
  const shapes = [
    property({ range: [-5, 5] }),
    property({ type: 'integer' }),
    property({ type: 'boolean' }),
    property({ type: 'string', maxLength: 4 }),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...shapes), fc.anything(), (shape, value) => {
      const result = checkValue(shape, value);
      return result.ok ? Object.is(result.value, value) : result.errors.length > 0;
    }),
  );
  t.pass();
});

t.test('the schema refuses what does not belong together', async (t) => {
  const issues = (value: object) =>
    propertySchema.safeParse({ id: 'x', label: { zh: '值' }, ...value }).error?.issues ?? [];
  t.match(issues({ type: 'string', unit: 'V' })[0]?.message, /numbers only/);
  t.match(issues({ type: 'enum' })[0]?.message, /lists its values/);
  t.match(issues({ type: 'number', range: [5, 1] })[0]?.message, /above the greatest/);
  t.match(issues({ type: 'string', pattern: '(' })[0]?.message, /not a regular expression/);
  t.match(issues({ type: 'number', id: 'Not-Camel' })[0]?.message, /camelCase/);
  t.match(issues({ type: 'number', colour: 'red' })[0]?.message, /colour/);
  const twice = thingModelSchema.safeParse({
    properties: [1, 2].map(() => ({ id: 'a', label: { zh: '甲' }, type: 'number' })),
  });
  t.match(twice.error?.issues[0]?.message, /used twice/);
  const danger = commandSchema.safeParse({ id: 'go', label: { zh: '做' }, dangerous: true });
  t.match(danger.error?.issues[0]?.message, /confirm/);
});

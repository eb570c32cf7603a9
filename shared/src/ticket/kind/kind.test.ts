import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { lintKind } from '../lint/lint-kind.js';
import { fieldProblem, isIdentityNumber } from './check-field.js';
import { clockSchema } from './clock-schema.js';
import { fieldSchema } from './field-schema.js';
import { type TicketKind, ticketKindSchema } from './kind-schema.js';

const faultsOf = (change: (kind: TicketKind) => unknown) => {
  const kind = structuredClone(tryKind);
  change(kind);
  return lintKind(ticketKindSchema.parse(kind), { calendars: new Set(['office']) }).filter(
    ({ severity }) => severity === 'error',
  );
};
const step = (kind: TicketKind, id: string) => kind.steps.find((one) => one.id === id) as TicketKind['steps'][number];

t.test('a sound kind has no fault', async (t) => {
  t.same(
    faultsOf(() => {}),
    [],
  );
});

t.test('what could strand a ticket is found, with its place', async (t) => {
  const cases: [string, (kind: TicketKind) => unknown, object][] = [
    [
      'a loop without a way out',
      (kind) => {
        for (const action of step(kind, 'visit').actions) action.to = [{ step: 'dispatch' }];
      },
      { code: 'no_way_out' },
    ],
    [
      'a step that nothing leads to',
      (kind) => kind.steps.push({ ...step(kind, 'handle'), id: 'island' }),
      { code: 'unreachable', about: 'island' },
    ],
    ['a step for nobody', (kind) => (step(kind, 'visit').who = []), { code: 'nobody', path: 'steps.visit' }],
    [
      'a target that does not exist',
      (kind) => step(kind, 'visit').actions[0]?.to.splice(0, 1, { step: 'nowhere' }),
      { code: 'unknown_step', about: 'nowhere' },
    ],
    [
      'broken FEEL',
      (kind) => (step(kind, 'visit').who[0] = { when: 'pleased >', to: [{ kind: 'initiator' }] }),
      { code: 'feel_broken' },
    ],
    [
      'a name that no field has',
      (kind) => (step(kind, 'visit').who[0] = { when: 'happy > 1', to: [{ kind: 'initiator' }] }),
      { code: 'feel_unknown_name', about: 'happy' },
    ],
    [
      'two ways on and nobody who leads',
      (kind) => {
        const together = step(kind, 'together');
        together.lead = false;
        together.actions.push(...together.actions.slice(0, 1).map((one) => ({ ...one, id: 'refuse' })));
      },
      { code: 'several_submits_of_joint' },
    ],
    [
      'a clock due by a field that says no time',
      (kind) =>
        kind.clocks.push({
          ...{ id: 'c', label: { zh: '钟' }, purpose: 'handling', requesters: false, resumes: [], pausedIn: [] },
          ...{ from: { at: 'made' }, until: [{ at: 'ended' }], warnAtShare: 0.8, escalations: [], onReopen: 'anew' },
          targets: [{ minutes: 1, calendar: 'always', field: kind.title }],
        }),
      { code: 'field_no_time', path: 'clocks.c.targets' },
    ],
    [
      'a calendar that is not there',
      (kind) =>
        kind.clocks.push({
          id: 'c',
          label: { zh: '钟' },
          purpose: 'handling',
          requesters: false,
          from: { at: 'made' },
          until: [{ at: 'ended' }],
          resumes: [],
          targets: [{ minutes: 1, calendar: 'moon' }],
          pausedIn: [],
          warnAtShare: 0.8,
          escalations: [],
          onReopen: 'anew',
        }),
      { code: 'unknown_calendar' },
    ],
    [
      'a clock that waits for what nobody ever achieves',
      (kind) => {
        const clock = {
          id: 'c',
          label: { zh: '钟' },
          purpose: 'handling',
          from: { at: 'made' },
          targets: [{ minutes: 1 }],
        };
        kind.clocks.push(clockSchema.parse({ ...clock, until: [{ at: 'marked', mark: 'finished' }] }));
      },
      { code: 'mark_unknown', about: 'finished' },
    ],
    [
      'a target that changes with the time of day',
      (kind) => {
        const clock = {
          id: 'c',
          label: { zh: '钟' },
          purpose: 'handling',
          from: { at: 'made' },
          until: [{ at: 'ended' }],
        };
        kind.clocks.push(clockSchema.parse({ ...clock, targets: [{ when: 'now > "2026"', minutes: 1 }] }));
      },
      { code: 'feel_unsteady', about: 'now' },
    ],
    [
      'a notice that would tell what is personal',
      (kind) => {
        Object.assign(kind.fields[1] ?? {}, { personal: true });
        const notice = { id: 'n', on: { on: 'made' as const }, channels: ['sms' as const] };
        kind.notices.push({ ...notice, to: [{ kind: 'initiator' }], text: { zh: '结果：{result}' } });
      },
      { code: 'placeholder_personal', about: 'result' },
    ],
    [
      'a notice to a requester whose address is none',
      (kind) => {
        const notice = { id: 'n', on: { on: 'made' as const }, channels: ['sms' as const] };
        kind.notices.push({ ...notice, to: [{ kind: 'requester', field: 'pleased' }], text: { zh: '{number}' } });
      },
      { code: 'no_address', about: 'pleased' },
    ],
    [
      'a field called as what every ticket has',
      (kind) => kind.fields.push({ ...(kind.fields[0] as TicketKind['fields'][number]), key: 'level' }),
      { code: 'name_taken', about: 'level' },
    ],
    [
      'the same id twice',
      (kind) => kind.levels.push({ id: 'major', label: { zh: '重大' } }),
      { code: 'twice', about: 'major' },
    ],
  ];
  for (const [name, change, fault] of cases)
    t.match(
      faultsOf(change).find((one) => one.code === (fault as { code: string }).code),
      fault,
      name,
    );
});

t.test('values of fields', async (t) => {
  const problem = (field: object, value: unknown) =>
    fieldProblem(fieldSchema.parse({ key: 'x', label: { zh: '字段' }, ...field }), value);
  t.equal(problem({ type: 'text', maxLength: 5 }, '路灯不亮'), undefined);
  t.equal(problem({ type: 'text', maxLength: 3 }, '路灯不亮'), 'too_long');
  t.equal(problem({ type: 'text' }, 'a\nb'), 'text');
  t.equal(problem({ type: 'number', max: 5 }, 6), 'out_of_range');
  t.equal(problem({ type: 'money' }, 1.5), 'money');
  for (const good of ['13800138000', '010-62345678', '0571-8765432', '12345', '+4930123456'])
    t.equal(problem({ type: 'phone' }, good), undefined, good);
  for (const bad of ['1380013800', '110', 'abc', '+0123456']) t.equal(problem({ type: 'phone' }, bad), 'phone', bad);
  t.equal(problem({ type: 'date' }, '2026-02-30'), 'date');
  t.equal(problem({ type: 'satisfaction' }, 6), 'out_of_range');
  t.equal(problem({ type: 'choice', choices: [{ value: 'a', label: { zh: '甲' } }] }, 'b'), 'choice');
  t.equal(problem({ type: 'place' }, { text: '' }), 'place');
  const signed = { name: '李主任', at: '2026-11-22T08:00:00Z' };
  t.equal(problem({ type: 'signature' }, signed), undefined, 'typed');
  t.equal(problem({ type: 'signature' }, { ...signed, file: '00000000-0000-7000-8000-00000000abcd' }), undefined);
  for (const bad of [{ ...signed, name: ' ' }, { ...signed, file: 'local:1' }, { name: '李' }, [signed]])
    t.equal(problem({ type: 'signature' }, bad), 'signature');
  t.ok(isIdentityNumber('11010519491231002X'), 'the example of the standard');
  t.notOk(isIdentityNumber('110105194912310021'));
  t.notOk(isIdentityNumber('11010519491331002X'));
});

t.test('no field, step or mark is called as what every object has', async (t) => {
  for (const key of ['constructor', 'toString', 'valueOf', 'hasOwnProperty'])
    t.notOk(fieldSchema.safeParse({ key, label: { zh: '字段' }, type: 'text' }).success, key);
  t.notOk(ticketKindSchema.safeParse({ ...tryKind, levels: [{ id: 'constructor', label: { zh: '级' } }] }).success);
  t.ok(fieldSchema.safeParse({ key: 'constructors', label: { zh: '字段' }, type: 'text' }).success);
});

t.test('a step may have a script of twenty lines', async (t) => {
  const withScript = (script: unknown) =>
    ticketKindSchema.safeParse({
      ...tryKind,
      steps: tryKind.steps.map((step, i) => (i === 0 ? { ...step, script } : step)),
    });
  t.same(withScript([{ zh: '您好' }]).data?.steps[0]?.script, [{ zh: '您好' }]);
  t.notOk('script' in (withScript(undefined).data?.steps[1] ?? {}), 'kinds without one are as they were');
  for (const bad of [[], '您好', [{ en: 'Hello' }], Array.from({ length: 21 }, () => ({ zh: '您好' }))])
    t.notOk(withScript(bad).success);
});

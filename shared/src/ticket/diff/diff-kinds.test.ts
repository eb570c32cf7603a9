import fc from 'fast-check';
import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import type { TicketKind } from '../kind/kind-schema.js';
import { diffKinds } from './diff-kinds.js';

const changed = (change: (kind: TicketKind) => unknown) => {
  const kind = structuredClone(tryKind);
  change(kind);
  return diffKinds(tryKind, kind);
};
const step = (kind: TicketKind, id: string) => kind.steps.find((one) => one.id === id) as TicketKind['steps'][number];

t.test('the same is no change', async (t) => {
  t.same(
    changed(() => {}),
    [],
  );
});

t.test('every kind of change says what, where and from what to what', async (t) => {
  const cases: [string, (kind: TicketKind) => unknown, object[]][] = [
    [
      'a field more',
      (kind) =>
        kind.fields.push({ ...(kind.fields[0] as TicketKind['fields'][number]), key: 'extra', label: { zh: '另' } }),
      [{ change: 'added', part: 'field', path: 'fields.extra', name: { zh: '另' } }],
    ],
    ['a field less', (kind) => kind.fields.pop(), [{ change: 'removed', part: 'field', path: 'fields.pleased' }]],
    [
      'a longer field',
      (kind) => Object.assign(kind.fields[0] ?? {}, { maxLength: 300 }),
      [{ change: 'changed', part: 'field', path: 'fields.title', property: 'maxLength', from: 200, to: 300 }],
    ],
    [
      'fields in another order',
      (kind) => kind.fields.reverse(),
      [{ change: 'changed', part: 'field', property: 'order', from: ['title', 'result', 'pleased'] }],
    ],
    [
      'a state called otherwise',
      (kind) => ((kind.states[0] as TicketKind['states'][number]).label = { zh: '待分派' }),
      [{ part: 'state', path: 'states.waiting', property: 'label', from: { zh: '待派遣' }, to: { zh: '待分派' } }],
    ],
    [
      'an action’s target',
      (kind) => step(kind, 'visit').actions[1]?.to.splice(0, 1, { step: 'handle' }),
      [
        {
          ...{ change: 'changed', part: 'action', path: 'steps.visit.actions.again', within: { zh: '回访' } },
          ...{ property: 'to', from: [{ step: 'dispatch' }], to: [{ step: 'handle' }] },
        },
      ],
    ],
    [
      'who may write what',
      (kind) => step(kind, 'handle').fields.edit.push('title'),
      [
        {
          ...{ change: 'added', part: 'right', path: 'steps.handle.fields.edit.title', property: 'edit' },
          ...{ name: { zh: '标题' }, within: { zh: '办理' } },
        },
      ],
    ],
    [
      'whom a step is for',
      (kind) => (step(kind, 'handle').who = [{ to: [{ kind: 'initiator' }] }]),
      [{ change: 'changed', part: 'right', path: 'steps.handle.who', property: 'who' }],
    ],
    ['a step less', (kind) => kind.steps.splice(3, 1), [{ change: 'removed', part: 'step', path: 'steps.whoever' }]],
    [
      'no more reopening',
      (kind) => delete kind.reopen,
      [{ part: 'kind', property: 'reopen', from: { to: 'dispatch', withinDays: 30 } }],
    ],
  ];
  for (const [name, change, told] of cases) {
    const changes = changed(change);
    t.equal(changes.length, told.length, name);
    t.match(changes, told, name);
  }
});

t.test('there and back: what was added is removed, and both ways tell as much', async () => {
  const parts = ['fields', 'states', 'steps', 'levels'] as const;
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.nat(20), (part, index) => {
      const kind = structuredClone(tryKind);
      kind[part].splice(index % kind[part].length, 1);
      const there = diffKinds(tryKind, kind);
      const back = diffKinds(kind, tryKind);
      return (
        there.length === back.length &&
        there.every(({ change }) => change === 'removed') &&
        back.every(({ change }) => change === 'added')
      );
    }),
    { numRuns: 50 },
  );
});

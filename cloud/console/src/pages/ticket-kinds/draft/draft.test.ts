import t from 'tap';
import { blankKind } from './__fixtures__/blank-kind.js';
import { draftHistory } from './draft-history.js';
import { faultsWithin, findFaults, placeOf } from './find-faults.js';
import { freeName, rename } from './rename.js';
import { wholeKind } from './whole-kind.js';

const kind = wholeKind(blankKind({ code: 'trial', label: { zh: '试' }, prefix: 'SY' }));
const none = new Set<string>();

t.test('a blank kind can be published as it is', async (t) => {
  t.same(
    findFaults(kind, none).filter(({ severity }) => severity === 'error'),
    [],
  );
});

t.test('changes are taken back one by one; typing in one place is one change', async (t) => {
  const labelled = (zh: string) => ({ ...kind, label: { zh } });
  let history = draftHistory({ past: [], now: kind, future: [], place: undefined }, { do: 'open', kind });
  for (const zh of ['报', '报事', '报事单']) {
    history = draftHistory(history, { do: 'change', kind: labelled(zh), place: 'label' });
  }
  history = draftHistory(history, { do: 'change', kind: { ...labelled('报事单'), title: 'other' }, place: 'title' });
  history = draftHistory(history, { do: 'undo' });
  t.same(history.now.label, { zh: '报事单' });
  history = draftHistory(history, { do: 'undo' });
  t.equal(history.now, kind);
  t.equal(draftHistory(history, { do: 'undo' }), history);
  t.same(draftHistory(history, { do: 'redo' }).now.label, { zh: '报事单' });
});

t.test('what is missing is told with its place by name, not by number', async (t) => {
  const [first, ...others] = kind.steps;
  const broken = { ...kind, steps: [{ ...first, label: { zh: '' } }, ...others] } as typeof kind;
  const faults = findFaults(broken, none);
  t.match(faults, [{ code: 'missing', path: `steps.${first?.id}.label.zh` }]);
  t.equal(faultsWithin(faults, `steps.${first?.id}`).length, 1);
  t.equal(faultsWithin(faults, 'steps.other').length, 0);
  t.same(placeOf(faults[0] as { path: string }), { tab: 'flow', item: first?.id });
  t.same(placeOf({ path: 'title' }), { tab: 'general' });
});

t.test('a draft that leaves out what is needed is whole enough to be shown', async (t) => {
  const whole = wholeKind({ steps: [{ id: 'a', actions: [{ id: 'b' }] }], clocks: [{ id: 'c' }] });
  t.match(whole, { fields: [], steps: [{ fields: { edit: [] }, actions: [{ to: [], marks: [] }] }], notices: [] });
  t.ok(findFaults(whole, none).length > 3);
  t.ok(findFaults(wholeKind(null), none).length > 3);
});

t.test('another name goes everywhere', async (t) => {
  const step = rename(kind, 'step', { from: kind.start, to: 'begin' });
  t.equal(step.start, 'begin');
  t.notMatch(JSON.stringify({ ...step, states: [] }), `"${kind.start}"`);
  const guarded = {
    ...kind,
    notices: [
      {
        id: 'n',
        on: { on: 'made' },
        to: [{ kind: 'initiator' }],
        channels: ['in_app'],
        text: { zh: '{title}：{result}' },
      },
    ],
    steps: kind.steps.map((one) => ({
      ...one,
      actions: one.actions.map((action) => ({ ...action, when: 'result != "result"' })),
    })),
  } as typeof kind;
  const field = rename(guarded, 'field', { from: 'result', to: 'outcome' });
  t.match(field.steps[0]?.actions[0], { when: 'outcome != "result"' });
  t.match(field.notices, [{ text: { zh: '{title}：{outcome}' } }]);
  t.ok(field.fields.some(({ key }) => key === 'outcome'));
  t.same(
    findFaults(field, none).filter(({ severity }) => severity === 'error'),
    [],
  );
  t.equal(freeName(['step_2', 'x'], 'step_'), 'step_3');
});

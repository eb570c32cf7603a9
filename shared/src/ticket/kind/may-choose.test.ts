import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { mayChoose } from './may-choose.js';

t.test('who acts may name as many as the next step takes, and hears whether the first of them leads', async (t) => {
  const kind = tryKind;
  const actions = kind.steps.find(({ id }) => id === kind.start)?.actions ?? [];
  const chosen = Object.fromEntries(actions.map((action) => [action.id, mayChoose(kind, action)]));
  t.match(chosen, {
    one: { most: 1, lead: false },
    all: { most: 5, lead: true },
    first: { most: 5, lead: false },
    row: { most: 5, lead: false },
    loose: { most: 1, lead: false },
  });
  const [all] = actions.filter(({ id }) => id === 'all');
  const several = all?.who?.kind === 'chosen' && { ...all, to: [{ step: 'handle' }], who: { ...all.who, most: 9 } };
  t.same(several && mayChoose(kind, several), { most: 1, lead: false }, 'a step that one has at a time takes one');
});

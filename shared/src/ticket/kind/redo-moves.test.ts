import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { ticketKindSchema } from './kind-schema.js';
import { hasRedo, isRedo } from './redo-moves.js';

t.test('back from what was solved to the work is done again; on, or within either, is not', async (t) => {
  t.ok(isRedo(tryKind, 'visit', 'dispatch'));
  t.ok(isRedo(tryKind, 'visit', 'handle'));
  for (const [from, to] of [
    ['dispatch', 'handle'],
    ['handle', 'visit'],
    ['handle', 'dispatch'],
    ['visit', 'end'],
  ] as const)
    t.notOk(isRedo(tryKind, from, to), `${from} to ${to}`);
  t.ok(hasRedo(tryKind));
});

t.test('a review of what was solved is none; where nothing is ever solved there is none', async (t) => {
  const label = { zh: '核' };
  const to = (step: string) => ({ id: `to_${step}`, label, act: 'submit', to: [{ step }] });
  const review = { id: 'review', label, state: 'working', who: [{ to: [{ kind: 'initiator' }] }] };
  const steps = tryKind.steps.map((one) => (one.id === 'visit' ? { ...one, actions: [to('review'), to('end')] } : one));
  const reviewed = ticketKindSchema.parse({
    ...tryKind,
    steps: [...steps, { ...review, actions: [to('end'), to('dispatch')] }],
  });
  t.notOk(isRedo(reviewed, 'visit', 'review'));
  t.ok(isRedo(reviewed, 'review', 'dispatch'));
  const unsolved = ticketKindSchema.parse({
    ...tryKind,
    states: tryKind.states.map((one) => (one.phase === 'solved' ? { ...one, phase: 'open' } : one)),
    steps: tryKind.steps.map((one) => ({ ...one, actions: one.actions.map((action) => ({ ...action, marks: [] })) })),
  });
  t.notOk(hasRedo(unsolved));
});

import { ticketKindSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import type { Offer, TaskView } from '../../../api/tickets.js';
import { notYet } from './not-yet.js';

const label = { zh: '试' };
const submit = (id: string, when?: string) => ({
  id,
  label,
  act: 'submit',
  to: [{ step: 'end' }],
  ...(when && { when }),
});
const document = ticketKindSchema.parse({
  ...{ v: 1, code: 'try', label, numbering: { prefix: 'TR' }, title: 'title', start: 'visit' },
  fields: [
    { key: 'title', label, type: 'text' },
    { key: 'reached', label, type: 'yesNo' },
    { key: 'pleased', label, type: 'satisfaction' },
    { key: 'verdict', label, type: 'yesNo' },
  ],
  states: [
    { id: 'open', label, phase: 'open' },
    { id: 'closed', label, phase: 'closed' },
  ],
  steps: [
    {
      ...{ id: 'visit', label, state: 'open', who: [{ to: [{ kind: 'initiator' }] }] },
      fields: { edit: ['reached', 'pleased'], hidden: ['verdict'] },
      actions: [
        submit('close', 'reached = true and pleased >= 3'),
        submit('again', 'reached = true and pleased < 3'),
        submit('near', 'region = "north" and pleased < 3'),
        submit('unseen', 'reached = true and verdict = true'),
        submit('plain'),
      ],
    },
    { id: 'end', label, state: 'closed', end: 'closed' },
  ],
});
const tasks = [{ id: 'task', step: { id: 'visit' } } as TaskView];
const page = { document, tasks, masked: [], level: null, source: 'console', marks: {}, reopened: 0, returned: 0 };
const offer = (action: string) =>
  ({ do: 'submit', task: 'task', action, edit: ['reached', 'pleased'] }) as unknown as Offer;
const said = (action: string, fields: Record<string, unknown>) => notYet(page, offer(action), (key) => fields[key]);

t.test(
  'an action that the form refuses says which fields: those that are empty, else those that say otherwise',
  async (t) => {
    t.same(said('close', {}), { fields: ['reached', 'pleased'], isEmpty: true });
    t.same(said('close', { reached: true }), { fields: ['pleased'], isEmpty: true });
    t.same(said('close', { reached: true, pleased: 2 }), { fields: ['reached', 'pleased'], isEmpty: false });
    t.equal(said('close', { reached: true, pleased: 4 }), undefined);
    t.equal(said('again', { reached: true, pleased: 2 }), undefined);
  },
);

t.test('what asks for nothing, or for what only the server knows, is left to it', async (t) => {
  t.equal(said('plain', {}), undefined);
  t.equal(said('near', {}), undefined);
  t.equal(said('unseen', { reached: true }), undefined, 'a field that the step hides');
  t.equal(
    notYet({ ...page, masked: ['pleased'] }, offer('close'), () => undefined),
    undefined,
  );
  t.equal(
    notYet(page, { ...offer('close'), do: 'return' }, () => undefined),
    undefined,
  );
});

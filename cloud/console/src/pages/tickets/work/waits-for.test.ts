import t from 'tap';
import type { Offer, TaskView } from '../../../api/tickets.js';
import { waitsFor } from './waits-for.js';

const task = (id: string, more: Partial<TaskView> = {}) =>
  ({
    id,
    visit: 3,
    purpose: 'handle',
    lead: false,
    state: 'open',
    heldBy: null,
    party: { name: id },
    ...more,
  }) as TaskView;
const submit = { task: 'lead', do: 'submit' } as Offer;

t.test('the lead hands in last: it is told for whom it waits', async (t) => {
  const lead = task('lead', { lead: true, state: 'signed' });
  const others = [
    task('环卫所'),
    task('园林所', { state: 'signed', heldBy: { id: 'x', name: '何净' } }),
    task('done', { state: 'done' }),
    task('before', { visit: 2 }),
    task('more time', { purpose: 'extension' }),
  ];
  const tasks = [lead, ...others];
  t.same(waitsFor({ tasks, offers: [] }, 'lead'), ['环卫所', '何净 · 园林所']);
  t.same(waitsFor({ tasks, offers: [submit] }, 'lead'), [], 'not where it may hand in');
  t.same(waitsFor({ tasks, offers: [] }, '环卫所'), [], 'nobody else waits');
  t.same(
    waitsFor({ tasks: [{ ...lead, state: 'open' }, ...others], offers: [] }, 'lead'),
    [],
    'first it is signed for',
  );
  t.same(waitsFor({ tasks, offers: [] }, undefined), []);
});

import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import { makeKeys } from './make-keys.js';

const field = (key: string) => ({ key, label: { zh: key }, type: 'text' });
const kind: TicketKind = ticketKindSchema.parse({
  ...{ v: 1, code: 'try', label: { zh: '试' }, numbering: { prefix: 'T' }, title: 'title', start: 'dispatch' },
  fields: ['title', 'phone', 'area', 'result', 'pleased'].map(field),
  states: [
    { id: 'new', label: { zh: '新' }, phase: 'new' },
    { id: 'end', label: { zh: '止' }, phase: 'closed' },
  ],
  steps: [
    { id: 'dispatch', label: { zh: '派单' }, state: 'new', fields: { edit: ['area'], required: ['area'] } },
    { id: 'handle', label: { zh: '办理' }, state: 'new', fields: { edit: ['result'] } },
    { id: 'end', label: { zh: '止' }, state: 'end', end: 'closed' },
  ],
});

t.test('a result is not asked for when a request is made', async (t) => {
  t.same(makeKeys(kind), { keys: ['title', 'phone', 'area', 'pleased'], required: ['title', 'area'] });
});

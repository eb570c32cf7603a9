import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';

const label = { zh: '字' };
/** A kind of two steps that anybody of the works does: `go` leads to the second, `done` and `finish` to the end. */
export const beginKind = (code: string, more: object = {}): TicketKind =>
  ticketKindSchema.parse({
    ...{
      v: 1,
      code,
      label: { zh: `${code}类` },
      numbering: { prefix: code.toUpperCase() },
      title: 'title',
      start: 'work',
    },
    fields: [
      { key: 'title', label, type: 'text', maxLength: 40 },
      { key: 'detail', label, type: 'longText' },
      { key: 'phone', label, type: 'phone', personal: true },
      { key: 'photos', label, type: 'files' },
    ],
    states: [
      { id: 'open', label, phase: 'open' },
      { id: 'closed', label, phase: 'closed' },
      { id: 'cancelled', label, phase: 'cancelled' },
    ],
    reopen: { to: 'work' },
    steps: [
      {
        ...{ id: 'work', label, state: 'open', who: [{ to: [{ kind: 'office', code: 'works' }] }] },
        fields: { edit: ['title', 'detail', 'phone', 'photos'] },
        actions: [
          { id: 'go', label, act: 'submit', to: [{ step: 'check' }] },
          { id: 'done', label, act: 'submit', to: [{ step: 'end' }] },
        ],
      },
      {
        ...{ id: 'check', label, state: 'open', who: [{ to: [{ kind: 'office', code: 'works' }] }] },
        actions: [{ id: 'finish', label: { zh: '办结' }, act: 'submit', to: [{ step: 'end' }] }],
      },
      { id: 'end', label, state: 'closed', end: 'closed' },
    ],
    ...more,
  });
const fields = { title: { field: 'title' }, phone: { field: 'phone' }, photos: { field: 'photos' } };
/** `go` begins a ticket of that kind. */
export const beginsBy = (to: string, more: object = {}) => [
  { id: 'next', label: { zh: '转维修' }, kind: to, on: { on: 'action', step: 'work', action: 'go' }, fields, ...more },
];

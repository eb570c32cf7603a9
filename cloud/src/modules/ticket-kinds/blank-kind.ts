import type { Label } from '@hallhub/shared';
import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';

const submit = (id: string, label: Label, step: string, more: object = {}) => ({
  ...{ id, label, act: 'submit', to: [{ step }] },
  ...more,
});

const prefixOf = (code: string): string =>
  code
    .split('_')
    .map((word) => word[0] ?? '')
    .join('')
    .toUpperCase()
    .replace(/[^A-Z]/g, '')
    .slice(0, 4) || 'T';

/** What a new kind begins as: register, handle, check, close; with a promise of three working days. It lints clean anywhere. */
export const blankKind = (code: string, label: Label): TicketKind =>
  ticketKindSchema.parse({
    ...{ v: 1, code, label, numbering: { prefix: prefixOf(code) }, title: 'title', start: 'dispatch' },
    fields: [
      { key: 'title', label: { zh: '标题', en: 'Title' }, type: 'text', maxLength: 100, searched: true },
      { key: 'details', label: { zh: '内容', en: 'Details' }, type: 'longText', searched: true },
      { key: 'result', label: { zh: '办理结果', en: 'Result' }, type: 'longText' },
    ],
    layout: [
      { label: { zh: '基本信息', en: 'Basics' }, rows: [['title'], ['details']] },
      { label: { zh: '办理', en: 'Handling' }, rows: [['result']] },
    ],
    states: [
      { id: 'waiting', label: { zh: '待派单', en: 'To be dispatched' }, phase: 'new' },
      { id: 'working', label: { zh: '办理中', en: 'In hand' }, phase: 'open' },
      { id: 'solved', label: { zh: '待核查', en: 'To be checked' }, phase: 'solved' },
      { id: 'closed', label: { zh: '已结案', en: 'Closed' }, phase: 'closed' },
      { id: 'cancelled', label: { zh: '已作废', en: 'Cancelled' }, phase: 'cancelled' },
    ],
    reopen: { to: 'dispatch', withinDays: 30 },
    steps: [
      {
        ...{ id: 'dispatch', label: { zh: '派单', en: 'Dispatch' }, state: 'waiting' },
        who: [{ to: [{ kind: 'placeOffice' }] }],
        fields: { edit: ['title', 'details'], required: ['title'] },
        actions: [submit('send', { zh: '派单', en: 'Dispatch' }, 'handle', { who: { kind: 'chosen' } })],
      },
      {
        ...{ id: 'handle', label: { zh: '办理', en: 'Handle' }, state: 'working', sign: true },
        who: [{ to: [{ kind: 'placeOffice' }] }],
        fields: { edit: ['result'], required: ['result'] },
        actions: [
          submit('finish', { zh: '办结', en: 'Finish' }, 'check', { marks: ['solved'] }),
          { id: 'back', label: { zh: '退单', en: 'Return' }, act: 'return', opinion: 'required' },
          { id: 'transfer', label: { zh: '转办', en: 'Transfer' }, act: 'transfer' },
        ],
      },
      {
        ...{ id: 'check', label: { zh: '核查', en: 'Check' }, state: 'solved' },
        who: [{ to: [{ kind: 'initiator' }] }],
        actions: [
          submit('close', { zh: '通过', en: 'Approve' }, 'done', { marks: ['fed_back', 'confirmed'] }),
          { id: 'again', label: { zh: '退回重办', en: 'Send back' }, act: 'return', opinion: 'required' },
        ],
      },
      { id: 'done', label: { zh: '结案', en: 'Closed' }, state: 'closed', end: 'closed' },
    ],
    clocks: [
      {
        ...{ id: 'handling', label: { zh: '办理时限', en: 'Handling' }, purpose: 'handling', from: { at: 'made' } },
        ...{ until: [{ at: 'marked', mark: 'solved' }], targets: [{ minutes: 3 * 24 * 60 }] },
      },
    ],
  });

import { type ExchangeMapping, exchangeMappingSchema } from '@hallhub/shared/exchange';
import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';

const label = (zh: string) => ({ zh });
const office = (code: string) => ({ to: [{ kind: 'office', code }] });
const submit = (id: string, step: string, more: object = {}) => ({
  ...{ id, label: label(id), act: 'submit', to: [{ step }] },
  ...more,
});

/** The shortest life that has everything an exchange can do: signed, given back, extended, finished, done again, closed. */
export const exchangeKind: TicketKind = ticketKindSchema.parse({
  ...{ v: 1, code: 'exchange_try', label: label('对接工单'), numbering: { prefix: 'DJ', digits: 6 }, title: 'title' },
  levels: [{ id: 'urgent', label: label('紧急') }],
  fields: [
    { key: 'title', label: label('标题'), type: 'text' },
    { key: 'content', label: label('内容'), type: 'longText' },
    { key: 'requester', label: label('诉求人'), type: 'text', personal: true },
    { key: 'phone', label: label('电话'), type: 'phone', personal: true },
    { key: 'theirs', label: label('平台编号'), type: 'text' },
    { key: 'outside', label: label('交平台办理'), type: 'yesNo' },
    { key: 'photos', label: label('照片'), type: 'files', most: 3 },
    { key: 'result', label: label('结果'), type: 'longText' },
    { key: 'satisfaction', label: label('满意度'), type: 'satisfaction' },
  ],
  states: [
    { id: 'handling', label: label('待处置'), phase: 'open' },
    { id: 'visiting', label: label('待回访'), phase: 'solved' },
    { id: 'closed', label: label('已结案'), phase: 'closed' },
    { id: 'cancelled', label: label('已作废'), phase: 'cancelled' },
  ],
  start: 'handle',
  extension: { approver: { kind: 'office', code: 'works' }, most: 5, maxMinutes: 100_000 },
  steps: [
    {
      ...{ id: 'handle', label: label('办理'), state: 'handling', sign: true },
      who: [{ when: 'outside = true', ...office('platform_12345') }, office('works')],
      fields: { edit: ['result', 'outside', 'photos'], required: ['result'] },
      actions: [
        submit('solved', 'visit', { marks: ['solved'] }),
        submit('refuse', 'cancelled', { opinion: 'required' }),
        { id: 'extend', label: label('延期'), act: 'askExtension' },
        { id: 'transfer', label: label('转办'), act: 'transfer' },
      ],
    },
    {
      ...{ id: 'visit', label: label('回访'), state: 'visiting', who: [office('works')] },
      fields: { edit: ['satisfaction'] },
      actions: [
        submit('close', 'closed', { marks: ['confirmed'] }),
        submit('again', 'handle', { opinion: 'required' }),
      ],
    },
    { id: 'closed', label: label('结案'), state: 'closed', end: 'closed' },
    { id: 'cancelled', label: label('作废'), state: 'cancelled', end: 'cancelled' },
  ],
});

const fields = {
  title: 'title',
  text: 'content',
  requesterName: 'requester',
  requesterPhone: 'phone',
  number: 'theirs',
  files: 'photos',
};

export const exchangeMapping: ExchangeMapping = exchangeMappingSchema.parse({
  v: 1,
  incoming: {
    ...{ kind: 'exchange_try', fields, attach: 'all', levels: { 急: 'urgent', 普通: null } },
    on: {
      rework: [{ do: 'submit', step: 'visit', action: 'again' }],
      close: [{ do: 'submit', step: 'visit', action: 'close', take: { satisfaction: 'satisfaction' } }],
      cancel: [{ do: 'cancel' }],
      remind: [{ do: 'remind' }],
      decide_extension: [{ do: 'decideExtension' }],
    },
    says: [
      { when: { type: 'signed', step: 'handle' }, act: 'sign' },
      { when: { type: 'finished', mark: 'solved' }, act: 'finish', words: 'result' },
      { when: { type: 'finished', action: 'refuse' }, act: 'return' },
      { when: { type: 'extension_asked' }, act: 'ask_extension' },
      { when: { type: 'commented' }, act: 'opinion' },
    ],
  },
  outgoing: {
    ...{
      office: 'platform_12345',
      attach: 'all',
      fields: { title: 'title', text: 'content', requesterName: 'requester', files: 'photos' },
    },
    on: {
      sign: [{ do: 'sign', step: 'handle' }],
      finish: [{ do: 'submit', step: 'handle', action: 'solved', take: { result: 'words' } }],
      return: [{ do: 'submit', step: 'handle', action: 'refuse', set: { result: '平台退回' } }],
      ask_extension: [{ do: 'askExtension' }],
    },
    says: [
      { when: { type: 'finished', action: 'close' }, act: 'close', satisfaction: 'satisfaction' },
      { when: { type: 'finished', action: 'again' }, act: 'rework' },
      { when: { type: 'extension_decided' }, act: 'decide_extension' },
      { when: { type: 'reminded' }, act: 'remind' },
    ],
  },
});

import { type TicketKind, ticketKindSchema } from '../kind/kind-schema.js';

const label = (zh: string) => ({ zh });
const submit = (id: string, step: string, more: object = {}) => ({
  id,
  label: label(id),
  act: 'submit',
  to: [{ step }],
  ...more,
});
const free = (act: string) => ({ id: act.toLowerCase().replace(/[^a-z]/g, ''), label: label(act), act });

/** A kind that has a step of every mode, and all that may be done in one. */
export const tryKind: TicketKind = ticketKindSchema.parse({
  v: 1,
  code: 'try',
  label: label('试'),
  numbering: { prefix: 'TR' },
  title: 'title',
  levels: [
    { id: 'general', label: label('一般') },
    { id: 'major', label: label('重大') },
  ],
  fields: [
    { key: 'title', label: label('标题'), type: 'text' },
    { key: 'result', label: label('结果'), type: 'longText' },
    { key: 'pleased', label: label('满意度'), type: 'satisfaction' },
  ],
  states: [
    { id: 'waiting', label: label('待派遣'), phase: 'new' },
    { id: 'working', label: label('处理中'), phase: 'open' },
    { id: 'paused', label: label('已挂起'), phase: 'suspended' },
    { id: 'solved', label: label('待回访'), phase: 'solved' },
    { id: 'closed', label: label('已结案'), phase: 'closed' },
    { id: 'cancelled', label: label('已作废'), phase: 'cancelled' },
  ],
  start: 'dispatch',
  suspendedState: 'paused',
  reopen: { to: 'dispatch', withinDays: 30 },
  extension: { approver: { kind: 'leader' }, most: 1, maxMinutes: 2_880 },
  steps: [
    {
      ...{ id: 'dispatch', label: label('派遣'), state: 'waiting', who: [{ to: [{ kind: 'office', code: 'desk' }] }] },
      fields: { edit: ['title'], required: ['title'] },
      actions: [
        submit('one', 'handle', { who: { kind: 'chosen' } }),
        submit('all', 'together', { who: { kind: 'chosen', most: 5 } }),
        submit('first', 'whoever', { who: { kind: 'chosen', most: 5 } }),
        submit('row', 'in_turn', { who: { kind: 'chosen', most: 5 } }),
        submit('loose', 'passing', { who: { kind: 'chosen' } }),
      ],
    },
    {
      ...{
        id: 'handle',
        label: label('办理'),
        state: 'working',
        sign: true,
        who: [{ to: [{ kind: 'office', code: 'works' }] }],
      },
      fields: { edit: ['result'], required: ['result'] },
      actions: [
        submit('done', 'visit', { marks: ['solved'] }),
        { id: 'back', label: label('退单'), act: 'return', opinion: 'required' },
        ...['transfer', 'delegate', 'suspend', 'askExtension'].map(free),
      ],
    },
    {
      ...{
        id: 'together',
        label: label('会签'),
        state: 'working',
        mode: 'joint',
        lead: true,
        who: [{ to: [{ kind: 'office', code: 'works' }] }],
      },
      actions: [
        submit('agree', 'visit', { marks: ['solved'] }),
        { id: 'back', label: label('退单'), act: 'return' },
        ...['transfer', 'delegate', 'addSigners', 'removeSigners'].map(free),
      ],
    },
    {
      ...{
        id: 'whoever',
        label: label('或签'),
        state: 'working',
        mode: 'any',
        who: [{ to: [{ kind: 'office', code: 'works' }] }],
      },
      actions: [
        submit('agree', 'visit', { marks: ['solved'] }),
        ...['addSigners', 'removeSigners', 'delegate'].map(free),
      ],
    },
    {
      ...{
        id: 'in_turn',
        label: label('顺签'),
        state: 'working',
        mode: 'ordered',
        who: [{ to: [{ kind: 'office', code: 'works' }] }],
      },
      actions: [
        submit('agree', 'visit', { marks: ['solved'] }),
        ...['addSigners', 'removeSigners', 'transfer'].map(free),
      ],
    },
    {
      ...{
        id: 'passing',
        label: label('自由流转'),
        state: 'working',
        mode: 'free',
        sign: true,
        who: [{ to: [{ kind: 'office', code: 'works' }] }],
      },
      fields: { edit: ['result'], required: ['result'] },
      actions: [
        submit('enough', 'visit', { marks: ['solved'] }),
        { id: 'back', label: label('退单'), act: 'return' },
        ...['transfer', 'delegate', 'suspend', 'askExtension'].map(free),
      ],
    },
    {
      ...{ id: 'visit', label: label('回访'), state: 'solved', who: [{ to: [{ kind: 'initiator' }] }] },
      fields: { edit: ['pleased'], required: ['pleased'] },
      actions: [
        submit('close', 'end', { when: 'pleased >= 3', marks: ['fed_back', 'confirmed'] }),
        submit('again', 'dispatch', { when: 'pleased < 3', marks: ['fed_back'], clears: ['result'] }),
      ],
    },
    { id: 'end', label: label('结案'), state: 'closed', end: 'closed' },
  ],
});

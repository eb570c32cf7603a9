interface NewKind {
  readonly code: string;
  readonly label: { readonly zh: string; readonly en?: string };
  readonly prefix: string;
}

/** The least that works: somebody takes it, somebody handles it, whoever asked confirms it. Everything else is added. */
export const blankKind = ({ code, label, prefix }: NewKind) => ({
  ...{ v: 1, code, label, numbering: { prefix, per: 'day', digits: 4 }, title: 'title', start: 'handle' },
  levels: texts.levels,
  fields: [
    { ...texts.title, key: 'title', type: 'text', searched: true },
    { ...texts.content, key: 'content', type: 'longText', searched: true },
    { ...texts.result, key: 'result', type: 'longText', searched: true },
  ],
  layout: [
    { ...texts.asked, rows: [['title'], ['content']] },
    { ...texts.handling, rows: [['result']] },
  ],
  states: [
    { ...texts.open, id: 'open', phase: 'open' },
    { ...texts.solved, id: 'solved', phase: 'solved' },
    { ...texts.closed, id: 'closed', phase: 'closed' },
  ],
  steps: [
    {
      ...{ ...texts.handle, id: 'handle', state: 'open', who: [{ to: [{ kind: 'initiator' }] }] },
      fields: { edit: ['title', 'content', 'result'], required: ['title'] },
      actions: [
        { ...texts.done, id: 'done', act: 'submit', to: [{ step: 'confirm' }], marks: ['solved'] },
        { ...texts.transfer, id: 'transfer', act: 'transfer', opinion: 'required' },
      ],
    },
    {
      ...{ ...texts.confirm, id: 'confirm', state: 'solved', who: [{ to: [{ kind: 'initiator' }] }] },
      actions: [
        {
          ...texts.confirmed,
          id: 'confirmed',
          act: 'submit',
          to: [{ step: 'closed' }],
          marks: ['fed_back', 'confirmed'],
        },
        { ...texts.again, id: 'again', act: 'return', to: [{ step: 'handle' }], opinion: 'required' },
      ],
    },
    { ...texts.closed, id: 'closed', state: 'closed', end: 'closed' },
  ],
  clocks: [
    {
      ...{ ...texts.clock, id: 'handling', purpose: 'handling', from: { at: 'made' } },
      ...{ until: [{ at: 'marked', mark: 'solved' }], targets: [{ minutes: 1_440 }] },
    },
  ],
});

const label = (zh: string, en: string) => ({ label: { zh, en } });
const texts = {
  levels: [{ ...label('一般', 'General'), id: 'general' }],
  title: label('标题', 'Title'),
  content: label('内容', 'Content'),
  result: label('办理结果', 'Result'),
  asked: label('事项', 'Request'),
  handling: label('办理', 'Handling'),
  open: label('办理中', 'In handling'),
  solved: label('待确认', 'To be confirmed'),
  closed: label('已结束', 'Closed'),
  handle: label('办理', 'Handle'),
  done: label('办结', 'Done'),
  transfer: label('转办', 'Transfer'),
  confirm: label('确认', 'Confirm'),
  confirmed: label('确认，结束', 'Confirmed: close'),
  again: label('退回重办', 'Do again'),
  clock: label('办理', 'Handling'),
};

import { ticketCommandSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import type { Offer, TicketPage, TicketRow } from '../../../api/tickets.js';
import { alikeOf, answerActs, answerOffers, isAnswerReady, sharedKeys } from './answer-acts.js';

const id = (n: number) => `00000000-0000-7000-8000-00000000000${n}`;
const offer = {
  ...{ task: id(9), do: 'submit', action: 'solved', label: { zh: '办结' }, opinion: 'no', grave: false, chooses: null },
  ...{ steps: [], tasks: [], edit: ['title', 'result', 'reply', 'phone', 'photos'], required: ['result'] },
} as const satisfies Offer;
const field = (key: string, type = 'text', personal = false) => ({ key, type, personal });
const page = {
  ...{ id: id(1), kind: { code: 'request' }, step: { id: 'handle' }, state: { phase: 'open' } },
  offers: [
    offer,
    { ...offer, action: 'to', chooses: { most: 2, lead: false } },
    { ...offer, do: 'return', action: 'back' },
  ],
  document: {
    start: 'register',
    steps: [
      { id: 'register', sign: false, fields: { edit: ['title'] } },
      { id: 'handle', sign: true, fields: { edit: offer.edit } },
    ],
    fields: [field('title'), field('result'), field('reply'), field('phone', 'phone', true), field('photos', 'files')],
  },
} as unknown as TicketPage;
const row = (n: number, change: object = {}) =>
  ({
    ...{ id: id(n), seq: n, status: 'running', kind: { code: 'request' }, step: { id: 'handle' } },
    ...{ myTask: { id: id(n + 4), state: 'signed', purpose: 'handle' } },
    ...change,
  }) as unknown as TicketRow;

t.test('one answer goes to those that stand where this one does, and says nothing for the requesters', async (t) => {
  t.same(
    answerOffers(page).map(({ action }) => action),
    ['solved'],
  );
  t.same(answerOffers({ ...page, state: { ...page.state, phase: 'solved' } }), [], 'each is visited by themselves');
  t.same(sharedKeys(page, offer), ['result', 'reply']);
  const items = [
    row(1),
    row(2),
    row(3, { status: 'ended' }),
    row(3, { myTask: null }),
    row(3, { step: { id: 'check' } }),
    row(3, { kind: { code: 'repair' } }),
    row(3, { myTask: { id: id(8), state: 'open', purpose: 'handle' } }),
    row(3, { myTask: { id: id(8), state: 'signed', purpose: 'extension' } }),
  ];
  const rows = alikeOf(page, items);
  t.same(
    rows.map((one) => one.id),
    [id(1), id(2)],
  );
  const fields = { title: '路灯不亮', result: '已换灯泡', reply: '', phone: '138' };
  const answer = { offer, rows, fields, opinion: ' ' };
  t.ok(isAnswerReady(page, answer));
  t.notOk(isAnswerReady(page, { ...answer, fields: {} }));
  t.notOk(isAnswerReady(page, { ...answer, rows: [] }));
  t.notOk(isAnswerReady(page, { ...answer, offer: { ...offer, opinion: 'required' } }));
  const acts = answerActs(page, answer);
  t.match(acts, [
    { ticketId: id(1), seq: 1, command: { do: 'submit', task: id(9), action: 'solved' } },
    { ticketId: id(2), seq: 2, command: { do: 'submit', task: id(6), action: 'solved' } },
  ]);
  for (const { command } of acts) {
    t.ok(ticketCommandSchema.safeParse(command).success);
    t.same(command, { ...command, fields: { result: '已换灯泡' } });
  }
});

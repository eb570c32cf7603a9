import { ticketCommandSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import type { Offer } from '../../../api/tickets.js';
import { type ActInput, commandOf, isComplete, needsOf, withParty } from './act-command.js';
import { groupOffers, offerKeys } from './offer-keys.js';

const id = '00000000-0000-7000-8000-000000000001';
const offer = (of: Partial<Offer> & Pick<Offer, 'do'>): Offer => ({
  ...{
    task: id,
    action: null,
    label: null,
    opinion: 'optional',
    grave: false,
    chooses: null,
    steps: [],
    tasks: [],
    edit: [],
    required: [],
  },
  ...of,
});

t.test('every offer, filled in, is a command that the API takes', async (t) => {
  const party = { kind: 'office', id } as const;
  const input: ActInput = {
    ...{ opinion: ' 请核实 ', parties: [party], step: 'dispatch', minutes: 60, granted: true, level: 'major' },
    ...{ ticket: id, how: 'same_event', tasks: [id], untilAt: 1, on: true },
  };
  const acts: Offer['do'][] = [
    ...([
      'sign',
      'release',
      'takeOver',
      'edit',
      'submit',
      'return',
      'transfer',
      'delegate',
      'addSigners',
      'removeSigners',
    ] as const),
    ...([
      'suspend',
      'askExtension',
      'withdraw',
      'resume',
      'decideExtension',
      'remind',
      'supervise',
      'instruct',
    ] as const),
    ...(['comment', 'setLevel', 'link', 'mergeInto', 'intervene', 'cancel', 'reopen'] as const),
  ];
  for (const act of acts) {
    const one = offer({ do: act, action: 'go', opinion: 'required', chooses: { most: 3, lead: false } });
    t.ok(isComplete(one, input), act);
    const read = ticketCommandSchema.safeParse(commandOf(one, input, { result: '已修复' }));
    t.ok(read.success, `${act}: ${read.error?.message}`);
  }
});

t.test('what a panel must have before its button opens', async (t) => {
  const back = offer({ do: 'return', opinion: 'required', steps: [{ id: 'dispatch', label: { zh: '派单' } }] });
  t.notOk(isComplete(back, { step: 'dispatch' }));
  t.notOk(isComplete(back, { opinion: '不属本单位' }));
  t.ok(isComplete(back, { step: 'dispatch', opinion: '不属本单位' }));
  t.same(needsOf(offer({ do: 'sign', opinion: 'no' })), [], 'signing asks nothing');
  t.notOk(isComplete(offer({ do: 'comment' }), { opinion: '  ' }), 'who says something says something');
  const choose = offer({ do: 'submit', chooses: { most: 1, lead: false } });
  t.notOk(isComplete(choose, {}));
  t.notOk(
    isComplete(choose, {
      parties: [
        { kind: 'person', id },
        { kind: 'office', id },
      ],
    }),
    'one too many',
  );
  t.notOk(isComplete(offer({ do: 'decideExtension' }), { granted: true }), 'for how long?');
  t.ok(isComplete(offer({ do: 'decideExtension' }), { granted: false }));
});

t.test('who is chosen is known by name, and sent without it', async (t) => {
  const works = { kind: 'office', id, name: '市政所' } as const;
  const parks = { kind: 'office', id: '00000000-0000-7000-8000-000000000002', name: '园林所' } as const;
  t.same(withParty([works], parks, 1), [parks], 'one alone: instead');
  t.same(withParty([works], parks, 8), [works, parks]);
  t.same(withParty([works, parks], works, 8), [works, parks], 'nobody twice');
  t.same(withParty([works], parks, 0), [works]);
  const joint = offer({ do: 'submit', action: 'go', chooses: { most: 8, lead: true } });
  t.same(commandOf(joint, { parties: [works] }), {
    ...{ do: 'submit', task: id, action: 'go', fields: {}, to: [{ kind: 'office', id }] },
  });
  t.same(commandOf(offer({ do: 'transfer' }), { parties: [parks] }), {
    ...{ do: 'transfer', task: id, to: { kind: 'office', id: parks.id } },
  });
});

t.test('keys: digits for what finishes the task, no key twice', async (t) => {
  const offers = [
    offer({ do: 'return' }),
    offer({ do: 'submit', action: 'a' }),
    offer({ do: 'submit', action: 'b' }),
    offer({ do: 'return', task: 'other' }),
    offer({ do: 'sign' }),
  ];
  t.same([...offerKeys(offers).values()], ['r', '1', '2', 's']);
  const { main, task, ticket } = groupOffers(offers);
  t.same(
    main.map((one) => one.do),
    ['submit', 'submit'],
  );
  t.same(
    task.map((one) => one.do),
    ['sign', 'return', 'return'],
    'to sign where nobody has to stands behind what finishes the task',
  );
  t.same(ticket, []);
  const first = offer({ do: 'sign' });
  t.same(
    groupOffers([offer({ do: 'comment', task: null }), first]).main,
    [first],
    'where the step demands it, it leads on',
  );
  t.same(groupOffers([first, offer({ do: 'submit', task: 'other' })]).main.length, 2);
});

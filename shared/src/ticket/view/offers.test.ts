import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { actorOf, anna, bo, chen, dora, person, TryTicket, works } from '../__fixtures__/try-ticket.js';
import { ticketConditions } from '../condition/ticket-conditions.js';
import type { DecideContext } from '../engine/decide-context.js';
import type { TicketState } from '../engine/ticket-state.js';
import { type TicketKind, ticketKindSchema } from '../kind/kind-schema.js';
import { offersOf } from './offers.js';

/** `again` of the return visit waits for this. */
const kindWhere = (when: string): TicketKind => {
  const steps = tryKind.steps.map((step) =>
    step.id === 'visit'
      ? { ...step, actions: step.actions.map((one) => (one.id === 'again' ? { ...one, when } : one)) }
      : step,
  );
  return ticketKindSchema.parse({ ...tryKind, steps });
};

const offeredAt = (state: TicketState, when: string): string[] => {
  const kind = kindWhere(when);
  const context: DecideContext = {
    ...{ kind, actor: actorOf(anna), at: state.madeAt, newId: () => 'new', fallback: person(anna) },
    parties: () => [person(anna)],
    holds: (expression, of) => ticketConditions(kind).holds(expression, of, { region: null, hall: null, at: 0 }),
    fieldProblem: () => undefined,
  };
  return offersOf(context, state).flatMap((offer) => (offer.do === 'submit' ? [offer.action ?? ''] : []));
};

t.test('what the form may still bring about is offered; what waits for more than the form is not', async (t) => {
  const ticket = new TryTicket();
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] });
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  ticket.ask(bo, { do: 'submit', task: ticket.task(), action: 'done', fields: { result: '已修' } });
  t.same(offeredAt(ticket.state, 'pleased < 3'), ['close', 'again']);
  t.same(offeredAt(ticket.state, 'pleased < 3 and reopened + returned >= 2'), ['close']);
  t.same(offeredAt({ ...ticket.state, returned: 2 }, 'pleased < 3 and reopened + returned >= 2'), ['close', 'again']);
  t.same(offeredAt(ticket.state, 'pleased > 5'), ['close'], 'no number of stars is that many');
});

t.test('a required field that was emptied hides nothing: whoever is to fill it in has the form', async (t) => {
  const ticket = new TryTicket();
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [person(bo)] });
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  const kind = tryKind;
  const context: DecideContext = {
    ...{ kind, actor: actorOf(bo), at: ticket.state.madeAt, newId: () => 'new', fallback: person(bo) },
    parties: () => [person(bo)],
    holds: (expression, of) => ticketConditions(kind).holds(expression, of, { region: null, hall: null, at: 0 }),
    fieldProblem: () => undefined,
  };
  const handle = kind.steps.find(({ id }) => id === ticket.state.step);
  t.ok(handle?.fields.required.includes('result'), 'the step requires it');
  const offersWith = (result: unknown) => {
    const state = { ...ticket.state, fields: { ...ticket.state.fields, ...(result === undefined ? {} : { result }) } };
    return offersOf(context, state).filter(({ do: act }) => act === 'submit');
  };
  const asWritten = offersWith('已修');
  t.match(asWritten, [{ action: 'done', required: ['result'] }]);
  for (const empty of [undefined, null, '', []]) t.same(offersWith(empty), asWritten, JSON.stringify(empty));
});

const offersFor = (who: string, { state }: TryTicket) =>
  offersOf(
    {
      ...{ kind: tryKind, actor: actorOf(who), at: state.madeAt, newId: () => 'new', fallback: person(anna) },
      ...{ parties: () => [person(anna)], holds: () => true, fieldProblem: () => undefined },
    },
    state,
  );

t.test('who takes signers away is offered those alone that may go: not what is lent', async (t) => {
  const ticket = new TryTicket();
  const to = [person(bo), person(chen), person(dora)];
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'all', fields: {}, to });
  ticket.ask(chen, { do: 'delegate', task: ticket.task(chen), to: person(anna) });
  const tasks = () => offersFor(bo, ticket).find(({ do: act }) => act === 'removeSigners')?.tasks;
  t.same(tasks(), [ticket.task(dora)], 'neither what was lent nor what it was lent as');
  for (const one of tasks() ?? [])
    t.equal(ticket.ask(bo, { do: 'removeSigners', task: ticket.task(bo), tasks: [one] }), undefined);
  t.equal(tasks(), undefined);
});

t.test('what lies with a colleague is offered to be taken over, until somebody has', async (t) => {
  const ticket = new TryTicket();
  const office = { kind: 'office', id: works } as const;
  ticket.ask(anna, { do: 'submit', task: ticket.task(), action: 'one', fields: {}, to: [office] });
  const offered = (who: string) => offersFor(who, ticket).some(({ do: act }) => act === 'takeOver');
  t.same([bo, chen, anna].map(offered), [false, false, false], 'it is there to be signed for');
  ticket.ask(bo, { do: 'sign', task: ticket.task() });
  t.same([bo, chen, anna].map(offered), [false, true, false]);
  ticket.ask(chen, { do: 'takeOver', task: ticket.task() });
  t.same([bo, chen, anna].map(offered), [true, false, false]);
});

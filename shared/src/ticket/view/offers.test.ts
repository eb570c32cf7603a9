import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { actorOf, anna, bo, person, TryTicket } from '../__fixtures__/try-ticket.js';
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

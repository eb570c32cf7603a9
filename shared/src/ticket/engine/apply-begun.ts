import type { TicketEvent } from './ticket-event.js';
import type { BegunTicket, TicketState } from './ticket-state.js';

type Event<T extends TicketEvent['type']> = Extract<TicketEvent, { type: T }>;

const changed = (
  { begun = [] }: TicketState,
  is: (one: BegunTicket) => boolean,
  to: (one: BegunTicket) => BegunTicket,
): Pick<TicketState, 'begun'> => ({ begun: begun.map((one) => (is(one) ? to(one) : one)) });
const of = (line: number) => (one: BegunTicket) => one.of === line;
const called = (ticket: string) => (one: BegunTicket) => one.ticket === ticket;

/** What lines about begun tickets make of the one that they are of. None can be taken back once others have work of it. */
export const applyBegun = {
  begin_wanted: (state: TicketState, { of: again, rule, seq }: Event<'begin_wanted'>): Partial<TicketState> => ({
    lastMove: undefined,
    ...(again === undefined
      ? { begun: [...(state.begun ?? []), { of: seq, rule, state: 'wanted' }] }
      : changed(state, of(again), ({ why: _, about: __, ...one }) => ({ ...one, state: 'wanted' }))),
  }),
  begun: (state: TicketState, { of: line, ticket, how }: Event<'begun'>): Partial<TicketState> => ({
    ...changed(state, of(line), (one) => ({ ...one, state: 'open', ticket, how })),
    ...(how === 'child' ? { openChildren: [...state.openChildren, ticket] } : {}),
  }),
  begin_failed: (state: TicketState, { of: line, why, about }: Event<'begin_failed'>): Partial<TicketState> =>
    changed(state, of(line), (one) => ({ ...one, state: 'failed', why, ...(about === undefined ? {} : { about }) })),
  begin_dropped: (state: TicketState, { of: line }: Event<'begin_dropped'>): Partial<TicketState> =>
    changed(state, of(line), (one) => ({ ...one, state: 'dropped' })),
  begun_ended: (state: TicketState, { ticket, outcome }: Event<'begun_ended'>): Partial<TicketState> => ({
    ...changed(state, called(ticket), (one) => ({ ...one, state: 'over', outcome })),
    openChildren: state.openChildren.filter((id) => id !== ticket),
  }),
  begun_reopened: (state: TicketState, { ticket }: Event<'begun_reopened'>): Partial<TicketState> => {
    const isChild = state.begun?.some((one) => one.ticket === ticket && one.how === 'child') ?? false;
    return {
      ...changed(state, called(ticket), ({ outcome: _, ...one }) => ({ ...one, state: 'open' })),
      ...(isChild ? { openChildren: [...state.openChildren, ticket] } : {}),
    };
  },
  begun_by: (): Partial<TicketState> => ({}),
};

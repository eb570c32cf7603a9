import type { HistoryLine, Party, Task, TicketEvent, TicketField, TicketKind } from '@hallhub/shared/ticket';
import { applyEvent, nothing, type TicketState } from '@hallhub/shared/ticket';
import type { PartyBook } from '../../offices/party-book.js';
import type { HistoryRow } from '../store/load-ticket.js';
import { doerView, partyView } from './row-view.js';

interface Reader {
  readonly kind: TicketKind;
  readonly book: PartyBook;
  /** Numbers of tickets that lines name, as far as the reader may see them. */
  readonly numberOf: (ticketId: string) => string | undefined;
  /** Fields of which nobody who reads sees anything now. */
  readonly hidden: readonly string[];
}

/** Lines for people: what ids mean at the time, by what the ticket was before each. */
export const historyView = (rows: readonly HistoryRow[], reader: Reader): HistoryLine[] => {
  let state: TicketState = nothing;
  return rows.map(({ event, byName }) => {
    const line = lineOf(event, { ...reader, state, byName });
    state = applyEvent(state, event);
    return line;
  });
};

/** The other ticket that a line names, tied to this one still or not. */
export const otherOf = (event: TicketEvent): string | undefined =>
  'ticket' in event ? event.ticket : event.type === 'ended' ? event.into : undefined;

type About = Reader & { readonly state: TicketState; readonly byName: string };

const lineOf = (event: TicketEvent, about: About): HistoryLine => {
  const { kind, book, state, byName } = about;
  const step = stepIn(event, state);
  const stateId = 'stateId' in event ? event.stateId : undefined;
  const action = actionIn(event, about);
  const other = otherOf(event);
  const number = other === undefined ? undefined : about.numberOf(other);
  const level = 'level' in event ? event.level : null;
  return {
    ...{ seq: event.seq, at: new Date(event.at).toISOString(), by: doerView(event.by, byName), type: event.type },
    onBehalfOf: event.onBehalfOf === undefined ? null : doerView(event.onBehalfOf, book.personName(event.onBehalfOf)),
    step: step === undefined ? null : (kind.steps.find(({ id }) => id === step)?.label ?? { zh: step }),
    state: stateId === undefined ? null : (kind.states.find(({ id }) => id === stateId)?.label ?? null),
    action,
    parties: partiesIn(event, state).map((party) => partyView(book, party)),
    fields: fieldsIn(event, about),
    minutes: 'minutes' in event ? event.minutes : null,
    granted: 'granted' in event ? event.granted : null,
    ticket: other !== undefined && number !== undefined ? { id: other, number } : null,
    how: howOf(event),
    level: level === null ? null : (kind.levels.find(({ id }) => id === level)?.label ?? null),
    opinion: event.opinion ?? null,
  };
};

const howOf = (event: TicketEvent): string | null => {
  if ('how' in event) return event.how;
  if (event.type === 'supervised') return event.on ? 'on' : 'off';
  if (event.type === 'ended' || event.type === 'begun_ended') return event.outcome;
  return event.type === 'begin_failed' ? event.why : null;
};

const stepIn = (event: TicketEvent, { tasks, step }: TicketState): string | undefined => {
  if (event.type === 'entered' || event.type === 'withdrawn') return event.step;
  if (event.type === 'returned' || event.type === 'intervened') return event.to;
  if ('task' in event && typeof event.task === 'string') {
    return tasks.find(({ id }) => id === event.task)?.step ?? step;
  }
  return undefined;
};

const begins: ReadonlySet<string> = new Set(['begin_wanted', 'begun', 'begin_failed', 'begin_dropped']);

const actionIn = (event: TicketEvent, { kind, state }: About): HistoryLine['action'] => {
  if (event.type === 'supervised') return kind.supervise.find(({ id }) => id === event.rule)?.label ?? null;
  if (begins.has(event.type) && 'rule' in event) {
    return kind.begins.find(({ id }) => id === event.rule)?.label ?? null;
  }
  if (event.type !== 'finished' && event.type !== 'returned') return null;
  const from =
    event.type === 'returned' ? event.from : (state.tasks.find(({ id }) => id === event.task)?.step ?? state.step);
  return kind.steps.find(({ id }) => id === from)?.actions.find(({ id }) => id === event.action)?.label ?? null;
};

/** Whom the line is about: who gets a task, or whose tasks go. */
const partiesIn = (event: TicketEvent, { tasks }: TicketState): readonly Party[] => {
  switch (event.type) {
    case 'entered':
    case 'signers_added':
      return event.tasks.map(({ party }) => party);
    case 'handed':
      return event.how === 'take_over' ? tasks.filter(({ id }) => id === event.task).map(whoHas) : [event.next.party];
    case 'extension_asked':
      return [event.task.party];
    case 'dropped':
      return tasks.filter(({ id }) => event.tasks.includes(id)).map(({ party }) => party);
    case 'opened':
      return tasks.filter(({ id }) => id === event.task).map(({ party }) => party);
    default:
      return [];
  }
};

const whoHas = ({ heldBy, party }: Task): Party => (heldBy === undefined ? party : { kind: 'person', id: heldBy });

const fieldsIn = (event: TicketEvent, { kind, hidden }: About): HistoryLine['fields'] => {
  if (event.type !== 'edited') return [];
  return kind.fields
    .filter(({ key }) => Object.hasOwn(event.fields, key))
    .map((field) => ({
      ...{ key: field.key, label: field.label },
      words: hidden.includes(field.key) ? null : wordsIn(field, event.fields[field.key]),
    }));
};

/** What lies sealed was personal when it was written: it is no text. */
const wordsIn = ({ type, personal }: TicketField, value: unknown): string | null => {
  const isText = !personal && (type === 'text' || type === 'longText');
  return isText && typeof value === 'string' && value.trim() !== '' ? value : null;
};

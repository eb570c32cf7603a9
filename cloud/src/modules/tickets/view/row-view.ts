import { uuidPattern } from '@hallhub/shared';
import {
  isLive,
  type Party,
  type PartyView,
  type TicketKind,
  type TicketRow,
  type TicketState,
} from '@hallhub/shared/ticket';
import type { PartyBook } from '../../offices/party-book.js';
import type { TicketLights } from '../store/clock-rows.js';
import type { LoadedTicket } from '../store/load-ticket.js';
import type { LiveTask } from '../ticket-record.js';

/** What a row is made of; `state` may be any that holds these. */
export interface RowSource extends TicketLights {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly kind: TicketKind;
  readonly kindVersion: number;
  readonly state: Pick<
    TicketState,
    | 'stateId'
    | 'step'
    | 'status'
    | 'outcome'
    | 'level'
    | 'source'
    | 'madeAt'
    | 'madeBy'
    | 'endedAt'
    | 'reminded'
    | 'returned'
    | 'reopened'
    | 'supervised'
    | 'seq'
  >;
  readonly liveTasks: readonly LiveTask[];
  readonly madeByName: string;
  readonly hall: { readonly id: string; readonly name: string } | null;
}

export interface RowReader {
  readonly book: PartyBook;
  /** Whose tasks are the reader's. */
  readonly mine: ReadonlySet<string>;
  /** Epoch ms. */
  readonly now: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

export const partyView = (book: PartyBook, party: Party): PartyView => ({
  ...{ kind: party.kind, id: party.id },
  name: book.nameOf(party),
});

/** Null id: the platform, a program, or whoever asked from outside. */
export const doerView = (by: string, name: string): { id: string | null; name: string } => ({
  id: uuidPattern.test(by) ? by : null,
  name,
});

export const labelled = <T extends { readonly id: string; readonly label: TicketKind['label'] }>(
  all: readonly T[],
  id: string,
): { id: string; label: TicketKind['label'] } => ({ id, label: all.find((one) => one.id === id)?.label ?? { zh: id } });

/** Green, yellow or red as of now; null where nothing is promised, or nothing ever was. */
export const lightAt = (
  { dueAt, yellowAt, redAt, promised }: TicketLights,
  status: string,
  now: number,
): TicketRow['light'] => {
  if (redAt !== null && redAt <= now) return 'red';
  if (status === 'ended') return redAt !== null ? 'red' : promised ? 'green' : null;
  if (yellowAt !== null && yellowAt <= now) return 'yellow';
  return dueAt === null && yellowAt === null && redAt === null ? null : 'green';
};

const isMine = ({ party, heldBy }: LiveTask, mine: ReadonlySet<string>): boolean => mine.has(heldBy ?? party.id);

export const rowView = (source: RowSource, reader: RowReader): TicketRow => {
  const { kind, state } = source;
  const stateOf = kind.states.find(({ id }) => id === state.stateId);
  const level = kind.levels.find(({ id }) => id === state.level);
  const myTask = source.liveTasks.find((one) => isMine(one, reader.mine));
  const holders = new Map(
    source.liveTasks.map(({ party, heldBy }): [string, PartyView] => {
      const holder: Party = heldBy === undefined ? party : { kind: 'person', id: heldBy };
      return [holder.id, partyView(reader.book, holder)];
    }),
  );
  return {
    ...{ id: source.id, number: source.number, title: source.title },
    kind: { code: kind.code, label: kind.label, version: source.kindVersion },
    step: labelled(kind.steps, state.step),
    state: { ...labelled(kind.states, state.stateId), phase: stateOf?.phase ?? 'open' },
    ...{ status: state.status, outcome: state.outcome ?? null },
    level: level ? { id: level.id, label: level.label } : null,
    ...{ source: state.source, hall: source.hall, holders: [...holders.values()] },
    myTask: myTask ? { id: myTask.id, state: myTask.state, purpose: myTask.purpose } : null,
    madeAt: iso(state.madeAt),
    madeBy: doerView(state.madeBy, source.madeByName),
    endedAt: state.endedAt === undefined ? null : iso(state.endedAt),
    dueAt: source.dueAt === null ? null : iso(source.dueAt),
    light: kind.clocks.length === 0 ? null : lightAt(source, state.status, reader.now),
    ...{ reminded: state.reminded, returned: state.returned, reopened: state.reopened },
    ...{ supervised: state.supervised, seq: state.seq },
  };
};

export const rowSourceOf = (ticket: LoadedTicket, kind: TicketKind): RowSource => ({
  ...{ id: ticket.id, number: ticket.number, title: ticket.title, kind, kindVersion: ticket.kindVersion },
  ...{ state: ticket.sealed, madeByName: ticket.madeByName },
  ...{ dueAt: ticket.dueAt, yellowAt: ticket.yellowAt, redAt: ticket.redAt, promised: ticket.promised },
  liveTasks: ticket.sealed.tasks.filter(isLive).map(({ id, purpose, state, party, heldBy }) => ({
    ...{ id, purpose, state: state as LiveTask['state'], party },
    ...(heldBy === undefined ? {} : { heldBy }),
  })),
  hall: ticket.hallId === null ? null : { id: ticket.hallId, name: ticket.hallName ?? '' },
});

import { isEmptyValue } from '@hallhub/shared/ticket';
import type { Offer, TicketCommand, TicketPage, TicketRow } from '../../../api/tickets.js';

type Fields = Record<string, unknown>;
type AnswerAct = { ticketId: string; seq: number; command: TicketCommand };

/** Acts that may be the answer to all of an event. Where each requester is asked for themselves, none is. */
export const answerOffers = (page: Pick<TicketPage, 'offers' | 'state'>): Offer[] =>
  page.state.phase === 'new' || page.state.phase === 'open'
    ? page.offers.filter((offer) => offer.do === 'submit' && offer.task !== null && offer.chooses === null)
    : [];

/** What is said once for all: never what the requester said, what is personal, or files, which belong to one ticket. */
export const sharedKeys = ({ document }: Pick<TicketPage, 'document'>, offer: Pick<Offer, 'edit'>): string[] => {
  const asked = new Set(document.steps.find(({ id }) => id === document.start)?.fields.edit);
  return document.fields
    .filter(({ key, type, personal }) => offer.edit.includes(key) && !asked.has(key) && !personal && type !== 'files')
    .map(({ key }) => key);
};

/** Tickets of the event that stand where this one does and are this person's turn. */
export const alikeOf = (page: TicketPage, items: readonly TicketRow[]): TicketRow[] => {
  const signs = page.document.steps.find(({ id }) => id === page.step.id)?.sign ?? false;
  return items.filter(
    ({ status, kind, step, myTask }) =>
      status === 'running' &&
      kind.code === page.kind.code &&
      step.id === page.step.id &&
      myTask?.purpose === 'handle' &&
      (!signs || myTask.state === 'signed'),
  );
};

interface Answer {
  offer: Offer;
  rows: readonly TicketRow[];
  fields: Fields;
  opinion: string;
}

/** The same act with the same words on each. */
export const answerActs = (page: TicketPage, { offer, rows, fields, opinion }: Answer): AnswerAct[] => {
  const said = opinion.trim();
  const keys = sharedKeys(page, offer);
  const values = Object.fromEntries(keys.flatMap((key) => (isEmptyValue(fields[key]) ? [] : [[key, fields[key]]])));
  return rows.map(({ id, seq, myTask }) => ({
    ...{ ticketId: id, seq },
    command: {
      ...{ do: 'submit' as const, task: (id === page.id ? offer.task : myTask?.id) ?? '', action: offer.action ?? '' },
      fields: values as Extract<TicketCommand, { do: 'submit' }>['fields'],
      ...(said ? { opinion: said } : {}),
    },
  }));
};

/** Whether all is said that must be; what belongs to each ticket alone, the server asks of each. */
export const isAnswerReady = (page: TicketPage, { offer, rows, fields, opinion }: Answer): boolean =>
  rows.length > 0 &&
  (offer.opinion !== 'required' || opinion.trim() !== '') &&
  sharedKeys(page, offer).every((key) => !offer.required.includes(key) || !isEmptyValue(fields[key]));

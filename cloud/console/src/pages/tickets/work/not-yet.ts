import { readFeel } from '@hallhub/shared/feel';
import { feelNames, isEmptyValue, nothing, ticketConditions } from '@hallhub/shared/ticket';
import type { Offer, TicketPage } from '../../../api/tickets.js';

/** Why an action would be refused as the form stands: fields of its condition that are empty, or that say otherwise. */
export interface NotYet {
  readonly fields: readonly string[];
  readonly isEmpty: boolean;
}

type About = Pick<TicketPage, 'document' | 'tasks' | 'masked' | 'level' | 'source' | 'marks' | 'reopened' | 'returned'>;

/** The page knows neither codes of places nor what the time will be. */
const unknownHere: readonly string[] = ['region', 'hall', 'now'];

/** Of an action whose condition reads what the reader may write; undefined: it would be accepted, or the server knows better. */
export const notYet = (page: About, offer: Offer, valueIn: (key: string) => unknown): NotYet | undefined => {
  if (offer.do !== 'submit') return undefined;
  const stepId = page.tasks.find(({ id }) => id === offer.task)?.step.id;
  const step = page.document.steps.find(({ id }) => id === stepId);
  const action = step?.actions.find(({ id }) => id === offer.action);
  if (!step || action?.when === undefined) return undefined;
  const keys = page.document.fields.map(({ key }) => key);
  const read = readFeel(action.when, new Set([...feelNames, ...keys]));
  const unseen = [...unknownHere, ...page.masked, ...step.fields.hidden];
  if (!read.ok || read.inputs.some((name) => unseen.includes(name))) return undefined;
  const own = read.inputs.filter((name) => offer.edit.includes(name));
  if (own.length === 0 || holds(page, action.when, valueIn)) return undefined;
  const empty = own.filter((key) => isEmptyValue(valueIn(key)));
  return empty.length > 0 ? { fields: empty, isEmpty: true } : { fields: own, isEmpty: false };
};

const holds = (page: About, expression: string, valueIn: (key: string) => unknown): boolean => {
  const { document, level, source, marks, reopened, returned } = page;
  const fields = Object.fromEntries(document.fields.map(({ key }) => [key, valueIn(key)]));
  const times = Object.fromEntries(Object.entries(marks).map(([mark, at]) => [mark, Date.parse(at)]));
  const state = { ...nothing, ...{ level: level?.id ?? null, source, reopened, returned }, fields, marks: times };
  return ticketConditions(document).holds(expression, state, { region: null, hall: null, at: 0 });
};

import { uuidPattern } from '@hallhub/shared';
import { phases } from '@hallhub/shared/ticket';
import * as z from 'zod/mini';
import type { Query } from '../../api/request.js';
import { anyText, like, oneOf } from '../../app/search-state.js';
import { boundsOf, isDay } from '../../format/day-in-zone.js';

export const views = ['todo', 'handled', 'initiated', 'done', 'office', 'all'] as const;
export const lightNames = ['green', 'yellow', 'red'] as const;
export const sorts = ['due', 'made', '-made'] as const;
export type TicketViewName = (typeof views)[number];

export const ticketSearchSchema = z.object({
  view: oneOf(views),
  as: oneOf(['table', 'board'] as const),
  q: anyText,
  kind: anyText,
  phase: oneOf(phases),
  state: anyText,
  level: anyText,
  light: oneOf(lightNames),
  source: anyText,
  office: anyText,
  supervised: oneOf(['yes'] as const),
  /** Where statistics led here: a group of theirs, and what it is called. */
  fact: anyText,
  factName: anyText,
  /** Whoever asked by this ticket, and what else they asked for. */
  requesterOf: like(uuidPattern),
  from: anyText,
  to: anyText,
  sort: oneOf(sorts),
  id: anyText,
});
export type TicketSearch = z.infer<typeof ticketSearchSchema>;

/** What narrows a list; it may be kept under a name. The view, the form and what is open are none of it. */
export const narrowing = [
  'q',
  'kind',
  'phase',
  'state',
  'level',
  'light',
  'source',
  'office',
  'supervised',
  'fact',
  'requesterOf',
  'from',
  'to',
] as const;

export const countNarrowing = (search: TicketSearch): number => narrowing.filter((key) => search[key]).length;

export const viewOf = (search: TicketSearch): TicketViewName => search.view ?? 'todo';

/** What is over is read newest first; what is to be done, by when it is due. */
export const sortOf = (search: TicketSearch): (typeof sorts)[number] => {
  const view = viewOf(search);
  return search.sort ?? (view === 'todo' || view === 'office' ? 'due' : '-made');
};

/** A day of the hall's or the organisation's: `from` its first instant, `to` that of its next. */
const instantOf = (day: string | undefined, edge: 'from' | 'to', zone: string): string | undefined =>
  isDay(day) ? new Date(boundsOf(day, zone)[edge]).toISOString() : undefined;

/** The question to the API. */
export const ticketFilter = (search: TicketSearch, hallId: string | undefined, zone: string): Query => ({
  view: viewOf(search),
  q: search.q,
  kind: search.kind,
  state: search.state,
  phase: search.phase,
  level: search.level,
  light: search.light,
  source: search.source,
  hallId,
  officeId: search.office,
  supervised: search.supervised ? true : undefined,
  fact: search.fact,
  requesterOf: search.requesterOf,
  from: instantOf(search.from, 'from', zone),
  to: instantOf(search.to, 'to', zone),
  sort: sortOf(search),
});

/** What is kept under a name. */
export const keptQuery = (search: TicketSearch): Record<string, string> =>
  Object.fromEntries(
    [...narrowing, 'factName' as const, 'view' as const, 'sort' as const].flatMap((key) =>
      search[key] ? [[key, search[key]]] : [],
    ),
  );

/** Everything that a kept filter sets, and what it leaves out. */
export const searchOfKept = (query: Record<string, string>): Partial<TicketSearch> => ({
  ...Object.fromEntries([...narrowing, 'factName', 'view', 'sort'].map((key) => [key, undefined])),
  ...ticketSearchSchema.parse(query),
  id: undefined,
});

import { phases } from '@hallhub/shared/ticket';
import * as z from 'zod/mini';
import type { Query } from '../../api/request.js';
import { anyText, oneOf } from '../../app/search-state.js';

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

/** A day as it is meant where the reader is: from its first instant to before its next. */
const instantOf = (day: string | undefined, plusDays: number): string | undefined => {
  if (!day || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(year, month - 1, date + plusDays).toISOString();
};

/** The question to the API. */
export const ticketFilter = (search: TicketSearch, hallId: string | undefined): Query => ({
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
  from: instantOf(search.from, 0),
  to: instantOf(search.to, 1),
  sort: sortOf(search),
});

/** What is kept under a name. */
export const keptQuery = (search: TicketSearch): Record<string, string> =>
  Object.fromEntries(
    [...narrowing, 'view' as const, 'sort' as const].flatMap((key) => (search[key] ? [[key, search[key]]] : [])),
  );

/** Everything that a kept filter sets, and what it leaves out. */
export const searchOfKept = (query: Record<string, string>): Partial<TicketSearch> => ({
  ...Object.fromEntries([...narrowing, 'view', 'sort'].map((key) => [key, undefined])),
  ...ticketSearchSchema.parse(query),
  id: undefined,
});

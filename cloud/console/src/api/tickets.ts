import type { Label } from '@hallhub/shared';
import type {
  ClockStory,
  HistoryLine,
  MakeByHand,
  MakeTicket,
  PartyView,
  TicketCommand,
  TicketFile,
  TicketKind,
  TicketPage,
  TicketRow,
} from '@hallhub/shared/ticket';
import { queryOptions, replaceEqualDeep } from '@tanstack/react-query';
import { type Listing, listing } from './listing.js';
import { del, get, post, type Query, request } from './request.js';

export type {
  ClockStory,
  HistoryLine,
  MakeTicket,
  Offer,
  Party,
  PartyView,
  Phase,
  TaskView,
  TicketCommand,
  TicketField,
  TicketFile,
  TicketKind,
  TicketPage,
  TicketRow,
} from '@hallhub/shared/ticket';

/** More are not acted on at once: the API's own bound. */
export const mostActsAtOnce = 100;

export const ticketsQuery = (query: Query) => listing<TicketRow>('tickets', '/tickets', query);

export interface TicketCounts {
  todo: number;
  todoRed: number;
  todoYellow: number;
  handled: number;
  initiated: number;
  done: number;
}
export const ticketCountsQuery = queryOptions({
  queryKey: ['tickets', 'counts'],
  queryFn: ({ signal }) => get<TicketCounts>('/tickets/counts', { signal }),
  staleTime: 30_000,
});

export const ticketQuery = (id: string) =>
  queryOptions({
    queryKey: ['tickets', 'one', id],
    queryFn: ({ signal }) => get<TicketPage>(`/tickets/${id}`, { signal }),
    // An answer that was asked for before one’s own act does not undo it on the screen.
    structuralSharing: (old: unknown, fresh: unknown) =>
      old !== undefined && (old as TicketPage).seq > (fresh as TicketPage).seq ? old : replaceEqualDeep(old, fresh),
  });
export const ticketHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['tickets', 'history', id],
    queryFn: ({ signal }) => get<{ items: HistoryLine[] }>(`/tickets/${id}/history`, { signal }),
  });
export const ticketClocksQuery = (id: string) =>
  queryOptions({
    queryKey: ['tickets', 'clocks', id],
    queryFn: ({ signal }) => get<{ items: ClockStory[] }>(`/tickets/${id}/clocks`, { signal }),
  });

/** All tickets tied to one as the same event, as far as the reader may see them; figures are of those. */
export interface TicketEventGroup {
  items: TicketRow[];
  open: number;
  closed: number;
  requesters: number;
  repeats: number;
  firstAt: string | null;
  lastAt: string | null;
  truncated: boolean;
}
export const ticketEventQuery = (id: string) =>
  queryOptions({
    queryKey: ['tickets', 'event', id],
    queryFn: ({ signal }) => get<TicketEventGroup>(`/tickets/${id}/event`, { signal }),
  });

/** Of another ticket's line in a picker, a list, a card. */
export type PartyChoice = PartyView & { officeName?: string | null };
/** Whom the reader may choose, of this ticket. */
export const partiesQuery = (ticketId: string, q: string) =>
  queryOptions({
    queryKey: ['ticket-parties', ticketId, q],
    queryFn: ({ signal }) =>
      get<{ items: PartyChoice[] }>(`/tickets/${ticketId}/parties`, { query: { q: q || undefined }, signal }),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });

const seqTag = (seq: number): string => `"${seq}"`;

/** `seq` is of the ticket as the person saw it: whoever acted meanwhile is told by `precondition_failed`. */
export const actOnTicket = (
  { id, seq }: { id: string; seq: number },
  command: TicketCommand,
  idempotencyKey?: string,
): Promise<TicketPage> =>
  post<TicketPage>(`/tickets/${id}/acts`, command, {
    ifMatch: seqTag(seq),
    ...(idempotencyKey ? { idempotencyKey } : {}),
  });

export interface BatchResult {
  ticketId: string;
  ok: boolean;
  seq: number | null;
  code: string | null;
  message: string | null;
}
export const actOnTickets = (acts: { ticketId: string; seq: number; command: TicketCommand }[]) =>
  post<{ results: BatchResult[] }>('/tickets/acts', { acts }, { timeoutMs: 60_000 });

export const makeTicket = (input: MakeByHand, idempotencyKey: string) =>
  post<TicketRow>('/tickets', input, { idempotencyKey });

export interface MakeableKind {
  code: string;
  label: Label;
  /** Of its published version. */
  number: number;
  document: TicketKind;
}
const kindsQuery = (path: '/ticket-kinds/makeable' | '/tickets/kinds') =>
  queryOptions({
    queryKey: ['ticket-kinds', path],
    queryFn: async ({ signal }) => {
      const { items } = await get<{ items: Omit<MakeableKind, 'label'>[] }>(path, { signal });
      return { items: items.map((kind): MakeableKind => ({ ...kind, label: kind.document.label })) };
    },
    staleTime: 60_000,
  });
export const makeableKindsQuery = kindsQuery('/ticket-kinds/makeable');
/** By which a list is narrowed, also by those who make no tickets. */
export const listedKindsQuery = kindsQuery('/tickets/kinds');

export interface Category {
  code: string;
  parent: string | null;
  label: Label;
  /** Known to old tickets, not for new ones. */
  retired?: boolean;
}
export const categoryTreeQuery = (tree: string) =>
  queryOptions({
    queryKey: ['category-trees', tree],
    queryFn: ({ signal }) => get<{ items: Category[] }>(`/category-trees/${tree}`, { signal }),
    staleTime: 5 * 60_000,
  });

export interface OfficeChoice {
  id: string;
  name: Label | string;
  parentId: string | null;
}
export const officeChoicesQuery = queryOptions({
  queryKey: ['offices', 'choices'],
  queryFn: ({ signal }) => get<Listing<OfficeChoice>>('/offices', { signal }),
  staleTime: 60_000,
});

/** Opens one personal field; every look is written in the audit trail with its reason. */
export const revealField = (ticketId: string, input: { field: string; reason: string }) =>
  post<{ value: unknown }>(`/tickets/${ticketId}/reveal`, input);

export interface Taken {
  at: string;
  lon: number | null;
  lat: number | null;
}
interface NewFile {
  blob: Blob;
  name: string;
  field: string | null;
  taken?: Taken | undefined;
  idempotencyKey?: string | undefined;
}
export const fileUrl = (ticketId: string, fileId: string): string => `/api/v1/tickets/${ticketId}/files/${fileId}`;
/** Of a ticket; without one, ahead of a ticket that is being made. */
export const addTicketFile = (ticketId: string | undefined, file: NewFile, signal?: AbortSignal) =>
  request<TicketFile>('POST', ticketId === undefined ? '/ticket-files' : `/tickets/${ticketId}/files`, {
    query: { name: file.name, field: file.field, takenAt: file.taken?.at, lon: file.taken?.lon, lat: file.taken?.lat },
    raw: file.blob,
    timeoutMs: 120_000,
    ...(file.idempotencyKey ? { idempotencyKey: file.idempotencyKey } : {}),
    signal,
  }).then(({ data }) => data);
export const splitTicket = (ticketId: string, input: { kind: string; tickets: MakeTicket[] }, idempotencyKey: string) =>
  post<{ items: TicketRow[] }>(`/tickets/${ticketId}/split`, input, { idempotencyKey });

/** A list's filters under a name, the person's own. */
export interface TicketFilter {
  id: string;
  name: string;
  filter: Record<string, string>;
}
export const ticketFiltersQuery = queryOptions({
  queryKey: ['ticket-filters'],
  queryFn: ({ signal }) => get<{ items: TicketFilter[] }>('/ticket-filters', { signal }),
  staleTime: 5 * 60_000,
});
export const keepTicketFilter = (input: Omit<TicketFilter, 'id'>) => post<TicketFilter>('/ticket-filters', input);
export const dropTicketFilter = (id: string) => del<void>(`/ticket-filters/${id}`);

import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { del, get, patch, post, put } from './request.js';

interface Published {
  version: number;
  at: string;
  by: string;
}

/** A kind of ticket as the list shows it. */
export interface KindSummary {
  code: string;
  label: Label;
  published: Published | null;
  /** null: nothing is being changed. */
  draft: { at: string; by: string | null; shipped: boolean } | null;
  tickets: number;
  retired: boolean;
  version: number;
}

export interface ServerFault {
  code: string;
  severity: 'error' | 'warning';
  path: string;
  about?: string;
}

export interface KindPage {
  code: string;
  label: Label;
  draft: {
    document: unknown;
    etag: string;
    faults: ServerFault[];
    changed: boolean;
    shipped: boolean;
    at: string | null;
    by: string | null;
  };
  published: Published | null;
  versions: (Published & { tickets: number })[];
  retired: boolean;
  version: number;
}

export const kindsQuery = queryOptions({
  queryKey: ['ticket-kinds', 'list'],
  queryFn: ({ signal }) => get<{ items: KindSummary[] }>('/ticket-kinds', { signal }).then(({ items }) => items),
});

export const kindQuery = (code: string) =>
  queryOptions({
    queryKey: ['ticket-kinds', 'one', code],
    queryFn: ({ signal }) => get<KindPage>(`/ticket-kinds/${code}`, { signal }),
    // The draft is the designer's own while it is open: what it holds must not change under the author's hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

export const kindVersionQuery = (code: string, version: number) =>
  queryOptions({
    queryKey: ['ticket-kinds', 'version', code, version],
    queryFn: ({ signal }) => get<{ document: TicketKind }>(`/ticket-kinds/${code}/versions/${version}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const createKind = (input: { code: string; label: Label; from: string }) =>
  post<KindPage>('/ticket-kinds', input);

export const saveDraft = (code: string, version: number, document: TicketKind) =>
  put<{ version: number; faults: ServerFault[] }>(`/ticket-kinds/${code}/draft`, document, {
    ifMatch: etagOf({ version }),
  });

export const publishKind = (code: string, version: number) =>
  post<{ published: number; version: number; faults: ServerFault[] }>(`/ticket-kinds/${code}/publish`, undefined, {
    ifMatch: etagOf({ version }),
  });

/** Of a kind that was never published: the kind itself. */
export const discardDraft = (code: string, version: number) =>
  del<unknown>(`/ticket-kinds/${code}/draft`, { ifMatch: etagOf({ version }) });

export const retireKind = (code: string, version: number, retired: boolean) =>
  patch<KindPage>(`/ticket-kinds/${code}`, { retired }, { ifMatch: etagOf({ version }) });

/** What moving running tickets to another version comes to. */
export interface Migrated {
  dryRun: boolean;
  moved: number;
  refused: { ticketId: string; number: string; obstacles: { code: string; about?: string }[] }[];
  refusedCount: number;
  leaves: { field: string; tickets: number }[];
  /** The last ticket that was looked at, to be sent as `after`; null: that was all. */
  next: string | null;
}

const merged = (a: Migrated, b: Migrated): Migrated => {
  const leaves = new Map(a.leaves.map(({ field, tickets }) => [field, tickets]));
  for (const { field, tickets } of b.leaves) leaves.set(field, (leaves.get(field) ?? 0) + tickets);
  return {
    ...{ dryRun: a.dryRun, moved: a.moved + b.moved, next: b.next },
    ...{ refused: [...a.refused, ...b.refused], refusedCount: a.refusedCount + b.refusedCount },
    leaves: [...leaves].map(([field, tickets]) => ({ field, tickets })),
  };
};

/** All of them, a page after the other as the API takes them. What was moved before a page failed stays moved. */
export const migrateTickets = async (
  code: string,
  input: { from: number; to: number; steps: Record<string, string>; dryRun: boolean },
): Promise<Migrated> => {
  const page = (after?: string) =>
    post<Migrated>(`/ticket-kinds/${code}/migrate`, after === undefined ? input : { ...input, after });
  let all = await page();
  while (all.next !== null) all = merged(all, await page(all.next));
  return all;
};

import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, post, put } from './request.js';
import type { Time } from './time.js';
import { type UploadOptions, upload } from './upload.js';

export type ImportState = 'checking' | 'checked' | 'running' | 'done' | 'cancelled' | 'failed';

export interface ImportFault {
  line: number;
  /** Its place, from 0; null: the row as a whole. */
  column: number | null;
  title: string | null;
  code: string;
  text: Label;
  /** Null where the reader did not send the file. */
  value: string | null;
}

export interface TicketImport {
  id: string;
  kind: { code: string; label: Label };
  hall: { id: string; name: string } | null;
  fileName: string;
  readAs: { format: 'csv' | 'xlsx'; encoding?: string; delimiter?: string; sheet?: string };
  state: ImportState;
  rows: number;
  checked: number;
  faulty: number;
  made: number;
  known: number;
  bad: number;
  left: number;
  failure: string | null;
  byName: string;
  mine: boolean;
  at: Time;
  startedAt: Time | null;
  endedAt: Time | null;
  keptTill: Time | null;
  version: number;
}

export interface TicketImportPage extends TicketImport {
  columns: string[];
  mapping: (string | null)[];
  targets: { key: string; label: Label; required: boolean }[];
  missing: string[];
  preview: { line: number; cells: string[]; faults: ImportFault[] }[];
  before: { at: Time; byName: string; made: number } | null;
}

export const isBusy = ({ state }: Pick<TicketImport, 'state'>): boolean => state === 'checking' || state === 'running';

export const importsQuery = () => listing<TicketImport>('ticket-imports', '/ticket-imports', {});
export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ['ticket-imports', 'one', id],
    queryFn: ({ signal }) => get<TicketImportPage>(`/ticket-imports/${id}`, { signal }),
    refetchInterval: ({ state }) => (state.data && isBusy(state.data) ? 1_000 : false),
  });
export const importFaultsQuery = (id: string) =>
  listing<{ line: number; faults: ImportFault[] }>(`ticket-import-faults-${id}`, `/ticket-imports/${id}/faults`, {});

export const sendImport = (
  file: File,
  { kind, hallId }: { kind: string; hallId: string | undefined },
  options: UploadOptions,
) => {
  const query = new URLSearchParams({ kind, name: file.name, ...(hallId ? { hallId } : {}) });
  return upload<TicketImportPage>(`/ticket-imports?${query}`, file, options);
};
const at = (one: TicketImport) => ({ ifMatch: etagOf(one) });
export const mapImport = (one: TicketImport, input: { mapping: (string | null)[]; hallId: string | null }) =>
  put<TicketImportPage>(`/ticket-imports/${one.id}/mapping`, input, at(one));
export const startImport = (one: TicketImport) =>
  post<TicketImportPage>(`/ticket-imports/${one.id}/start`, {}, at(one));
export const cancelImport = (one: TicketImport) => del<void>(`/ticket-imports/${one.id}`);
export const templateUrl = (kind: string) => `/api/v1/ticket-imports/template?kind=${encodeURIComponent(kind)}`;
export const badRowsUrl = (id: string, format: 'xlsx' | 'csv', language: string) =>
  `/api/v1/ticket-imports/${id}/bad-rows?format=${format}&language=${language}`;

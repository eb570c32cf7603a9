import type { Label } from '@hallhub/shared';
import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, id, instant, tenantId, version } from '../../../db/index.js';

/** What is wrong with a row: a code for texts, of which column (its place, from 0), null where it is the whole row. */
export interface ImportFault {
  readonly column: number | null;
  readonly code: string;
  /** What the text names besides: how long it may be, which values there are. */
  readonly detail?: string | Label;
}

/** How the file was read. */
export interface ReadAs {
  readonly format: 'csv' | 'xlsx';
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly sheet?: string;
}

export const importStates = ['checking', 'checked', 'running', 'done', 'cancelled', 'failed'] as const;
export type ImportState = (typeof importStates)[number];

export const ticketImports = pgTable('ticket_imports', {
  id: id(),
  tenantId: tenantId(),
  kind: text('kind').notNull(),
  hallId: uuid('hall_id'),
  fileName: text('file_name').notNull(),
  fileSha256: bytea('file_sha256').notNull(),
  readAs: jsonb('read_as').$type<ReadAs>().notNull(),
  columns: jsonb('columns').$type<readonly string[]>().notNull(),
  mapping: jsonb('mapping').$type<readonly (string | null)[]>().notNull(),
  state: text('state', { enum: importStates }).notNull(),
  rows: integer('rows').notNull(),
  checked: integer('checked').notNull().default(0),
  faulty: integer('faulty').notNull().default(0),
  made: integer('made').notNull().default(0),
  known: integer('known').notNull().default(0),
  bad: integer('bad').notNull().default(0),
  failure: text('failure'),
  byUser: uuid('by_user').notNull(),
  byName: text('by_name').notNull(),
  at: instant('at').notNull(),
  startedAt: instant('started_at'),
  endedAt: instant('ended_at'),
  lease: uuid('lease'),
  leasedTill: instant('leased_till'),
  version: version(),
});
export type ImportRow = typeof ticketImports.$inferSelect;

export const ticketImportRows = pgTable('ticket_import_rows', {
  tenantId: tenantId(),
  importId: uuid('import_id').notNull(),
  line: integer('line').notNull(),
  state: text('state', { enum: ['left', 'made', 'known', 'bad'] }).notNull(),
  rowKey: text('row_key').notNull(),
  cells: bytea('cells'),
  faults: jsonb('faults').$type<readonly ImportFault[]>(),
  ticketId: uuid('ticket_id'),
});

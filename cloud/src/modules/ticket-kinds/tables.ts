import type { TicketKind } from '@hallhub/shared/ticket';
import { boolean, integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { bytea, createdAt, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const ticketKinds = pgTable('ticket_kinds', {
  tenantId: tenantId(),
  code: text('code').notNull(),
  /** As its author left it: `ticketKindSchema` may refuse it. */
  draft: jsonb('draft').$type<unknown>(),
  version: version(),
  draftAt: instant('draft_at'),
  draftByName: text('draft_by_name'),
  publishedVersion: integer('published_version'),
  shippedSha256: bytea('shipped_sha256'),
  draftIsShipped: boolean('draft_is_shipped').notNull().default(false),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  retiredAt: instant('retired_at'),
});

export const ticketKindVersions = pgTable('ticket_kind_versions', {
  tenantId: tenantId(),
  code: text('code').notNull(),
  version: integer('version').notNull(),
  document: jsonb('document').$type<TicketKind>().notNull(),
  publishedAt: instant('published_at').notNull().defaultNow(),
  publishedByName: text('published_by_name').notNull(),
});

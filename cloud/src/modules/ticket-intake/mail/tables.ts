import { bigint, boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { archivedAt, bytea, createdAt, id, instant, tenantId, updatedAt, version } from '../../../db/index.js';

/** Keys of the kind's fields that a letter fills. */
export interface MailMapping {
  readonly title: string;
  readonly text: string | null;
  readonly requester: string | null;
  readonly email: string | null;
  readonly files: string | null;
  /** Codes from the root of the tree: what every letter is about. Mailboxes from before it was known have none. */
  readonly category?: string[] | null | undefined;
}

export const securities = ['tls', 'starttls', 'plain'] as const;

export const mailboxes = pgTable('mailboxes', {
  id: id(),
  tenantId: tenantId(),
  name: text('name').notNull(),
  address: text('address').notNull(),
  host: text('host').notNull(),
  port: integer('port').notNull(),
  security: text('security', { enum: securities }).notNull(),
  userName: text('user_name').notNull(),
  password: bytea('password').notNull(),
  ca: text('ca'),
  folder: text('folder').notNull(),
  kind: text('kind').notNull(),
  hallId: uuid('hall_id'),
  mapping: jsonb('mapping').$type<MailMapping>().notNull(),
  acknowledge: boolean('acknowledge').notNull(),
  enabled: boolean('enabled').notNull(),
  state: text('state', { enum: ['new', 'ok', 'failed'] })
    .notNull()
    .default('new'),
  failure: text('failure'),
  detail: text('detail'),
  failures: integer('failures').notNull().default(0),
  stateAt: instant('state_at'),
  nextAt: instant('next_at').notNull(),
  lookedAt: instant('looked_at'),
  uidValidity: bigint('uid_validity', { mode: 'number' }),
  lastUid: bigint('last_uid', { mode: 'number' }),
  lease: uuid('lease'),
  leasedTill: instant('leased_till'),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
  archivedAt: archivedAt(),
});
export type MailboxRow = typeof mailboxes.$inferSelect;

export const mailLetters = pgTable('mail_letters', {
  id: id(),
  tenantId: tenantId(),
  mailboxId: uuid('mailbox_id').notNull(),
  key: bytea('key').notNull(),
  sender: bytea('sender'),
  state: text('state', { enum: ['made', 'added', 'aside'] }).notNull(),
  reason: text('reason'),
  ticketId: uuid('ticket_id'),
  head: bytea('head').notNull(),
  at: instant('at').notNull(),
});

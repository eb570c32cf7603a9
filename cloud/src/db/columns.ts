import { uuidv7 } from '@hallhub/shared';
import { customType, integer, timestamp, uuid } from 'drizzle-orm/pg-core';

/** `id uuid PRIMARY KEY`: UUIDv7 made where the row is born. */
export const id = () =>
  uuid('id')
    .primaryKey()
    .$defaultFn(() => uuidv7());

/** `tenant_id uuid NOT NULL`: what row-level security and composite foreign keys stand on. */
export const tenantId = () => uuid('tenant_id').notNull();

/** `timestamptz(3)`: REST's RFC 3339 and the wire's epoch ms both fit without loss. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

export const createdAt = () => instant('created_at').notNull().defaultNow();

export const updatedAt = () => instant('updated_at').notNull().defaultNow();

/** Counts changes of a row: the ETag. Raise it in every UPDATE (`sql\`${table.version} + 1\``). */
export const version = () => integer('version').notNull().default(1);

/** Master data is archived, never deleted. */
export const archivedAt = () => instant('archived_at');

/** `bytea`: what is sealed, hashed or signed. */
export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

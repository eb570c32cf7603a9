import { bigint, integer, jsonb, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import { bytea, createdAt, instant, tenantId } from '../../db/index.js';

const count = (name: string) => bigint(name, { mode: 'number' });
const wholeSecond = (name: string) => timestamp(name, { withTimezone: true, precision: 0, mode: 'date' });

const stream = {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  lane: text('lane').notNull(),
  epoch: text('epoch').notNull(),
};

export const streams = pgTable('streams', {
  ...stream,
  cursor: count('cursor').notNull().default(0),
  chain: bytea('chain').notNull(),
  rowCount: count('row_count').notNull().default(0),
  closedAt: instant('closed_at'),
  createdAt: createdAt(),
  committedAt: instant('committed_at'),
});

export const asideRows = pgTable('aside_rows', {
  ...stream,
  seq: count('seq').notNull(),
  kind: text('kind'),
  reason: text('reason').notNull(),
  detail: text('detail').notNull(),
  bytes: bytea('bytes').notNull(),
  receivedAt: instant('received_at').notNull(),
});

export const streamGaps = pgTable('stream_gaps', {
  ...stream,
  seq: count('seq').notNull(),
  source: text('source', { enum: ['batch', 'row'] }).notNull(),
  reason: text('reason').notNull(),
  fromSeq: count('from_seq'),
  toSeq: count('to_seq'),
  missing: count('missing'),
  previousEpoch: text('previous_epoch'),
  at: instant('at').notNull(),
  receivedAt: instant('received_at').notNull(),
  chain: bytea('chain'),
});

export const seals = pgTable('seals', {
  ...stream,
  hour: wholeSecond('hour').notNull(),
  cloudFirst: count('cloud_first'),
  cloudLast: count('cloud_last'),
  cloudCount: count('cloud_count'),
  cloudChain: bytea('cloud_chain'),
  unitFirst: count('unit_first'),
  unitLast: count('unit_last'),
  unitCount: count('unit_count'),
  unitChain: bytea('unit_chain'),
  delayMaxMs: count('delay_max_ms'),
  verdict: text('verdict', { enum: ['equal', 'thinned', 'different'] }),
  judgedAt: instant('judged_at'),
});

export const unitFaults = pgTable('unit_faults', {
  tenantId: tenantId(),
  id: uuid('id').notNull(),
  unitId: uuid('unit_id').notNull(),
  at: instant('at').notNull(),
  receivedAt: instant('received_at').notNull(),
  code: text('code').notNull(),
  message: text('message').notNull(),
  context: jsonb('context'),
});

export const ingestMinutes = pgTable('ingest_minutes', {
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  lane: text('lane').notNull(),
  minute: wholeSecond('minute').notNull(),
  rowCount: integer('row_count').notNull(),
});

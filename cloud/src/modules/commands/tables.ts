import { commandStates } from '@hallhub/shared/wire';
import { boolean, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { id, instant, tenantId, version } from '../../db/index.js';

export const commands = pgTable('commands', {
  id: id(),
  tenantId: tenantId(),
  unitId: uuid('unit_id').notNull(),
  hallId: uuid('hall_id').notNull(),
  deviceId: uuid('device_id'),
  name: text('name').notNull(),
  input: jsonb('input').notNull(),
  state: text('state', { enum: commandStates }).notNull().default('queued'),
  provisional: boolean('provisional').notNull().default(false),
  cancelAskedAt: instant('cancel_asked_at'),
  output: jsonb('output'),
  error: jsonb('error'),
  issuedBy: uuid('issued_by'),
  issuedByName: text('issued_by_name').notNull(),
  issuedAt: instant('issued_at').notNull(),
  deadlineAt: instant('deadline_at').notNull(),
  finishedAt: instant('finished_at'),
  sentCount: integer('sent_count').notNull().default(0),
  nextSendAt: instant('next_send_at'),
  version: version(),
  batchId: uuid('batch_id'),
});

export const commandBatches = pgTable('command_batches', {
  id: id(),
  tenantId: tenantId(),
  name: text('name').notNull(),
  input: jsonb('input').notNull(),
  issuedBy: uuid('issued_by'),
  issuedByName: text('issued_by_name').notNull(),
  issuedAt: instant('issued_at').notNull(),
  deadlineAt: instant('deadline_at').notNull(),
  skipped: jsonb('skipped').notNull(),
  cancelledAt: instant('cancelled_at'),
});

export const commandSteps = pgTable('command_steps', {
  tenantId: tenantId(),
  commandId: uuid('command_id').notNull(),
  id: uuid('id').notNull(),
  state: text('state', { enum: commandStates }).notNull(),
  provisional: boolean('provisional').notNull().default(false),
  source: text('source', { enum: ['cloud', 'unit'] }).notNull(),
  at: instant('at').notNull(),
  receivedAt: instant('received_at').notNull(),
  applied: boolean('applied').notNull().default(true),
});

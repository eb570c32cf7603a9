import type { Label } from '@hallhub/shared';
import { integer, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import { createdAt, instant, tenantId, updatedAt, version } from '../../db/index.js';

export const categoryTrees = pgTable('category_trees', {
  tenantId: tenantId(),
  tree: text('tree').notNull(),
  label: jsonb('label').$type<Label>().notNull(),
  version: version(),
  createdAt: createdAt(),
  updatedAt: updatedAt(),
});

export const categories = pgTable('categories', {
  tenantId: tenantId(),
  tree: text('tree').notNull(),
  code: text('code').notNull(),
  parent: text('parent'),
  label: jsonb('label').$type<Label>().notNull(),
  position: integer('position').notNull(),
  retiredAt: instant('retired_at'),
});

import { type SQL, sql } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { Actor } from './actor.js';
import type { Right } from './rights.js';

/**
 * `WHERE` part that keeps the halls which the right reaches: `and(inReach(devices.hallId, actor, 'device.read'), …)`.
 * Every list that holds a hall's data has it. `undefined` (no condition) where the right covers the tenant.
 */
export const inReach = (hallId: AnyPgColumn | SQL, actor: Actor, right: Right): SQL | undefined => {
  const reach = actor.scopeFilter(right);
  return reach === 'all' ? undefined : sql`${hallId} = ANY(${sql.param([...reach])}::uuid[])`;
};

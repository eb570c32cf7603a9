import { and, eq, gte, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../access/actor.js';
import { inReach } from '../access/in-reach.js';
import type { AuditFilter } from './contract.js';
import { auditEntries as e } from './tables.js';

/** Word for word the expression of the index `audit_entries_text`. */
const text = sql`lower(${e.actorName} || ' ' || ${e.action} || ' ' || coalesce(${e.targetName}, '') || ' ' || coalesce(${e.targetId}, '') || ' ' ||
  coalesce(${e.ip}, '') || ' ' || coalesce(${e.requestId}, ''))`;

/** The actor's tenant and reach, and what was asked for. */
export const matching = (actor: Actor, filter: AuditFilter): SQL | undefined =>
  and(
    eq(e.tenantId, actor.tenantId),
    inReach(e.hallId, actor, 'audit.read'),
    filter.actorId ? eq(e.actorId, filter.actorId) : undefined,
    // `user` finds `user.created` and the like; a full action is exact.
    filter.action ? or(eq(e.action, filter.action), sql`starts_with(${e.action}, ${`${filter.action}.`})`) : undefined,
    filter.targetKind ? eq(e.targetKind, filter.targetKind) : undefined,
    filter.targetId ? eq(e.targetId, filter.targetId) : undefined,
    filter.from ? gte(e.at, new Date(filter.from)) : undefined,
    filter.to ? lt(e.at, new Date(filter.to)) : undefined,
    filter.q ? sql`${text} LIKE lower(${`%${filter.q.replace(/[\\%_]/g, '\\$&')}%`})` : undefined,
  );

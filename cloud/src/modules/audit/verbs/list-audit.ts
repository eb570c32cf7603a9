import { z } from '@hono/zod-openapi';
import { and, desc, eq, gte, ilike, lt, or, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { AuditEntry } from '../contract.js';
import { auditEntries } from '../tables.js';

export interface ListAuditInput extends PageQuery {
  readonly actorId?: string | undefined;
  readonly action?: string | undefined;
  readonly targetKind?: string | undefined;
  readonly targetId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly q?: string | undefined;
}

type Row = typeof auditEntries.$inferSelect;
const asRecord = (value: unknown) => (value ?? null) as Record<string, unknown> | null;

const toDto = (row: Row): AuditEntry => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: { id: row.actorId, name: row.actorName, kind: row.actorKind },
  action: row.action,
  target: { kind: row.targetKind, id: row.targetId, name: row.targetName },
  hallId: row.hallId,
  before: asRecord(row.before),
  after: asRecord(row.after),
  ip: row.ip,
  requestId: row.requestId,
});

/** The trail, newest first. A grant over halls shows what happened there; the tenant's own business needs a grant over the tenant. */
export const listAudit = (ctx: VerbContext, input: ListAuditInput): Promise<Page<AuditEntry>> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const after = decodeCursor(input.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const pattern = input.q && `%${input.q.replace(/[\\%_]/g, '\\$&')}%`;
      const rows = await tx
        .select()
        .from(auditEntries)
        .where(
          and(
            eq(auditEntries.tenantId, ctx.actor.tenantId),
            inReach(auditEntries.hallId, ctx.actor, 'audit.read'),
            input.actorId ? eq(auditEntries.actorId, input.actorId) : undefined,
            // `user` finds `user.created` and the like; a full action is exact.
            input.action
              ? or(
                  eq(auditEntries.action, input.action),
                  sql`starts_with(${auditEntries.action}, ${`${input.action}.`})`,
                )
              : undefined,
            input.targetKind ? eq(auditEntries.targetKind, input.targetKind) : undefined,
            input.targetId ? eq(auditEntries.targetId, input.targetId) : undefined,
            input.from ? gte(auditEntries.at, new Date(input.from)) : undefined,
            input.to ? lt(auditEntries.at, new Date(input.to)) : undefined,
            pattern
              ? or(
                  ilike(auditEntries.actorName, pattern),
                  ilike(auditEntries.targetName, pattern),
                  ilike(auditEntries.action, pattern),
                  eq(auditEntries.ip, input.q ?? ''),
                  eq(auditEntries.requestId, input.q ?? ''),
                )
              : undefined,
            after
              ? sql`(${auditEntries.at}, ${auditEntries.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
              : undefined,
          ),
        )
        .orderBy(desc(auditEntries.at), desc(auditEntries.id))
        .limit(input.limit + 1);
      return toPage(rows, input.limit, { item: toDto, key: (row) => [row.at.toISOString(), row.id] });
    },
    { readOnly: true },
  );

import { z } from '@hono/zod-openapi';
import { and, desc, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { AuditEntry, AuditFilter } from '../contract.js';
import { matching } from '../matching.js';
import { auditEntries } from '../tables.js';

export type ListAuditInput = PageQuery & AuditFilter;

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
  seq: row.seq,
  hash: row.hash?.toString('hex') ?? null,
});

/** The trail, newest first. A grant over halls shows what happened there; the tenant's own business needs a grant over the tenant. */
export const listAudit = (ctx: VerbContext, input: ListAuditInput): Promise<Page<AuditEntry>> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const after = decodeCursor(input.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const rows = await tx
        .select()
        .from(auditEntries)
        .where(
          and(
            matching(ctx.actor, input),
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

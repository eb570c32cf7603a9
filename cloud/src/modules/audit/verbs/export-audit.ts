import { and, asc, eq, getTableColumns, gt, isNotNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../audit.js';
import { noHash } from '../chain.js';
import type { AuditFilter } from '../contract.js';
import { csvColumns, csvLine, type ExportedLink, type ExportFormat, type ExportHeader } from '../export-format.js';
import { matching } from '../matching.js';
import { readAnchors, toChained } from '../read-chain.js';
import { sealTenant } from '../seal-audit.js';
import { auditEntries } from '../tables.js';

const rowsAtOnce = 500;
const before = alias(auditEntries, 'entry_before');

/**
 * The trail as text, oldest first, a portion at a time; every entry with its number, its hash and the hash before.
 * JSON lines: a header, the entries, the signed heads, and an end that shows that nothing was cut off. CSV: a title
 * line, then the entries. That somebody exported stands in the trail too, before the first line goes out.
 */
export const exportAudit = async (
  ctx: VerbContext,
  input: AuditFilter & { readonly format: ExportFormat },
): Promise<AsyncGenerator<string>> => {
  const { format, ...filter } = input;
  const { tenantId } = ctx.actor;
  const whole = Object.values(filter).every((value) => value === undefined) && ctx.actor.can('audit.read', 'tenant');
  await withTenant(ctx.db, ctx.actor, (tx) =>
    audit(tx, ctx, { action: 'audit.exported', target: { kind: 'audit', id: null }, after: { format, ...filter } }),
  );
  await sealTenant(ctx.db, tenantId);
  const header: ExportHeader = {
    type: 'hallhub.audit.export',
    v: 1,
    tenantId,
    exportedAt: new Date(ctx.clock.now()).toISOString(),
    whole,
    filter,
  };
  // The first portion is read before anything is answered: what is wrong with a filter is a 400, not half a file.
  const links = portions(ctx, filter);
  const first = await links.next();
  const all = startingWith(first.done ? [] : first.value, links);
  return format === 'csv' ? csv(all) : jsonLines(ctx, all, header);
};

type Portions = AsyncGenerator<ExportedLink[]>;

async function* startingWith(first: ExportedLink[], rest: Portions): Portions {
  yield first;
  yield* rest;
}

async function* jsonLines(ctx: VerbContext, all: Portions, header: ExportHeader): AsyncGenerator<string> {
  yield `${JSON.stringify(header)}\n`;
  let last = { seq: 0, hash: noHash };
  let entries = 0;
  for await (const links of all) {
    yield links.map((link) => `${JSON.stringify({ type: 'entry', ...link })}\n`).join('');
    entries += links.length;
    last = links.at(-1) ?? last;
  }
  if (ctx.actor.can('audit.read', 'tenant')) {
    const anchors = await withTenant(ctx.db, ctx.actor, (tx) => readAnchors(tx, ctx.actor.tenantId), {
      readOnly: true,
    });
    for (const { document, signature } of anchors) yield `${JSON.stringify({ type: 'anchor', document, signature })}\n`;
  }
  yield `${JSON.stringify({ type: 'end', entries, seq: last.seq, hash: last.hash })}\n`;
}

async function* csv(all: Portions): AsyncGenerator<string> {
  // The mark makes spreadsheets read Chinese as UTF-8.
  yield `\uFEFF${csvColumns.join(',')}\r\n`;
  for await (const links of all) yield links.map((link) => `${csvLine(link)}\r\n`).join('');
}

async function* portions(ctx: VerbContext, filter: AuditFilter): Portions {
  for (let after = 0; ; ) {
    const rows = await withTenant(
      ctx.db,
      ctx.actor,
      (tx) =>
        tx
          .select({ row: getTableColumns(auditEntries), previous: sql<string | null>`encode(${before.hash}, 'hex')` })
          .from(auditEntries)
          .leftJoin(
            before,
            and(eq(before.tenantId, auditEntries.tenantId), eq(before.seq, sql`${auditEntries.seq} - 1`)),
          )
          .where(and(matching(ctx.actor, filter), isNotNull(auditEntries.seq), gt(auditEntries.seq, after)))
          .orderBy(asc(auditEntries.seq))
          .limit(rowsAtOnce),
      { readOnly: true },
    );
    if (rows.length === 0) return;
    yield rows.map(({ row, previous }) => ({
      seq: row.seq ?? 0,
      previous: previous ?? noHash,
      hash: row.hash?.toString('hex') ?? '',
      entry: toChained(row),
    }));
    if (rows.length < rowsAtOnce) return;
    after = rows.at(-1)?.row.seq ?? after;
  }
}

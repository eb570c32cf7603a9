import { HubError } from '@hallhub/shared';
import type { KindSurroundings, TicketKind } from '@hallhub/shared/ticket';
import { and, desc, eq } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { versionConflict } from '../../verb-kit/version-conflict.js';
import type { VerbContext } from '../access/verb-context.js';
import { readSoundKind } from './kind-book.js';
import { ticketKinds, ticketKindVersions } from './tables.js';

export type KindRow = typeof ticketKinds.$inferSelect;
export type VersionRow = typeof ticketKindVersions.$inferSelect;

export const noSuchKind = (): HubError => new HubError('not_found', 'There is no such kind of ticket');

const at = (tenantId: string, code: string) => and(eq(ticketKinds.tenantId, tenantId), eq(ticketKinds.code, code));

export const findKind = async (tx: Tx, tenantId: string, code: string): Promise<KindRow> => {
  const [row] = await tx.select().from(ticketKinds).where(at(tenantId, code));
  if (!row) throw noSuchKind();
  return row;
};

/** Locked for a change by whoever may. Errors: `not_found`, `forbidden`, `precondition_failed`. */
export const lockKind = async (
  tx: Tx,
  ctx: VerbContext,
  { code, version }: { readonly code: string; readonly version: number },
): Promise<KindRow> => {
  const [row] = await tx.select().from(ticketKinds).where(at(ctx.actor.tenantId, code)).for('update');
  if (!row) throw noSuchKind();
  ctx.actor.require('ticketkind.write', 'tenant');
  if (row.version !== version) throw versionConflict(row.version);
  return row;
};

export const findVersion = async (tx: Tx, tenantId: string, code: string, version: number): Promise<VersionRow> => {
  const [row] = await tx
    .select()
    .from(ticketKindVersions)
    .where(
      and(
        ...[eq(ticketKindVersions.tenantId, tenantId), eq(ticketKindVersions.code, code)],
        eq(ticketKindVersions.version, version),
      ),
    );
  if (!row) throw new HubError('not_found', `There is no version ${version} of this kind`);
  return row;
};

export const newestVersion = async (tx: Tx, tenantId: string, code: string): Promise<number> => {
  const [row] = await tx
    .select({ version: ticketKindVersions.version })
    .from(ticketKindVersions)
    .where(and(eq(ticketKindVersions.tenantId, tenantId), eq(ticketKindVersions.code, code)))
    .orderBy(desc(ticketKindVersions.version))
    .limit(1);
  return row?.version ?? 0;
};

/** What the designer works on: the draft, or what is published. */
export const documentOf = async (tx: Tx, row: KindRow): Promise<unknown> => {
  if (row.draft !== null) return row.draft;
  if (row.publishedVersion === null) return {};
  return (await findVersion(tx, row.tenantId, row.code, row.publishedVersion)).document;
};

const calendarCodes = async (tx: Tx, tenantId: string): Promise<ReadonlySet<string>> => {
  const { rows } = await tx.$client.query<{ code: string }>('SELECT code FROM work_calendars WHERE tenant_id = $1', [
    tenantId,
  ]);
  return new Set(rows.map(({ code }) => code));
};

/** What a draft is held against. A kind whose document is damaged is as one that is not there. */
export const surroundingsOf = async (tx: Tx, tenantId: string): Promise<KindSurroundings> => {
  const { rows } = await tx.$client.query<{ code: string; version: number }>(
    `SELECT code, published_version AS version FROM ticket_kinds
     WHERE tenant_id = $1 AND published_version IS NOT NULL AND retired_at IS NULL`,
    [tenantId],
  );
  const kinds = new Map<string, TicketKind>();
  for (const { code, version } of rows) {
    const published = await readSoundKind(tx, tenantId, code, version);
    if (published) kinds.set(code, published.kind);
  }
  return { calendars: await calendarCodes(tx, tenantId), kinds };
};

/** Tickets that run, by kind and version. */
export const runningTickets = async (
  tx: Tx,
  tenantId: string,
  code?: string,
): Promise<readonly { readonly kind: string; readonly version: number; readonly tickets: number }[]> => {
  const { rows } = await tx.$client.query<{ kind: string; version: number; tickets: number }>(
    `SELECT kind, kind_version AS version, count(*)::int AS tickets FROM tickets
     WHERE tenant_id = $1 AND status <> 'ended' AND ($2::text IS NULL OR kind = $2) GROUP BY 1, 2`,
    [tenantId, code ?? null],
  );
  return rows;
};

import { and, asc, desc, eq } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { checkDocument, labelOf } from '../check-document.js';
import type { KindPage, KindSummary, KindVersionDto, Makeable } from '../contract.js';
import { listMakeable, readKind } from '../kind-book.js';
import {
  documentOf,
  findKind,
  findVersion,
  noSuchKind,
  runningTickets,
  surroundingsOf,
  type VersionRow,
} from '../read-kinds.js';
import { ticketKinds, ticketKindVersions } from '../tables.js';

const publishedOf = ({ version, publishedAt, publishedByName }: Omit<VersionRow, 'document'>) => ({
  ...{ version, at: publishedAt.toISOString(), by: publishedByName },
});

const versionColumns = {
  ...{ tenantId: ticketKindVersions.tenantId, code: ticketKindVersions.code, version: ticketKindVersions.version },
  ...{ publishedAt: ticketKindVersions.publishedAt, publishedByName: ticketKindVersions.publishedByName },
};

export const listKinds = (ctx: VerbContext): Promise<{ items: KindSummary[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { tenantId } = ctx.actor;
      const rows = await tx
        .select()
        .from(ticketKinds)
        .where(eq(ticketKinds.tenantId, tenantId))
        .orderBy(asc(ticketKinds.code));
      const versions = await tx
        .select(versionColumns)
        .from(ticketKindVersions)
        .where(eq(ticketKindVersions.tenantId, tenantId));
      const running = await runningTickets(tx, tenantId);
      const items: KindSummary[] = [];
      for (const row of rows) {
        const published = versions.find((one) => one.code === row.code && one.version === row.publishedVersion);
        const label = published
          ? ((await readKind(tx, tenantId, row.code, published.version))?.kind.label ?? { zh: row.code })
          : labelOf(row.draft, row.code);
        items.push({
          ...{ code: row.code, label, published: published ? publishedOf(published) : null },
          draft:
            row.draft === null
              ? null
              : {
                  at: (row.draftAt ?? row.updatedAt).toISOString(),
                  ...{ by: row.draftByName, shipped: row.draftIsShipped },
                },
          tickets: running.filter(({ kind }) => kind === row.code).reduce((sum, { tickets }) => sum + tickets, 0),
          ...{ retired: row.retiredAt !== null, version: row.version },
        });
      }
      return { items };
    },
    { readOnly: true },
  );

export const getKind = (ctx: VerbContext, { code }: { readonly code: string }): Promise<KindPage> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { tenantId } = ctx.actor;
      const row = await findKind(tx, tenantId, code);
      const document = await documentOf(tx, row);
      const { faults } = checkDocument(document, { code, ...(await surroundingsOf(tx, tenantId)) });
      const running = await runningTickets(tx, tenantId, code);
      const versions = await tx
        .select(versionColumns)
        .from(ticketKindVersions)
        .where(and(eq(ticketKindVersions.tenantId, tenantId), eq(ticketKindVersions.code, code)))
        .orderBy(desc(ticketKindVersions.version));
      const published = versions.find(({ version }) => version === row.publishedVersion);
      return {
        ...{ code, label: labelOf(document, code), published: published ? publishedOf(published) : null },
        draft: {
          document: document as KindPage['draft']['document'],
          ...{
            etag: `"${row.version}"`,
            faults: [...faults],
            changed: row.draft !== null,
            shipped: row.draftIsShipped,
          },
          ...{ at: row.draftAt?.toISOString() ?? null, by: row.draftByName },
        },
        versions: versions.map((one) => ({
          ...publishedOf(one),
          tickets: running.find(({ version }) => version === one.version)?.tickets ?? 0,
        })),
        ...{ retired: row.retiredAt !== null, version: row.version },
      };
    },
    { readOnly: true },
  );

export const getKindVersion = (
  ctx: VerbContext,
  { code, number }: { readonly code: string; readonly number: number },
): Promise<KindVersionDto> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const row = await findVersion(tx, ctx.actor.tenantId, code, number);
      const found = await readKind(tx, ctx.actor.tenantId, code, number);
      if (!found) throw noSuchKind();
      return {
        ...{ code, number, document: found.kind },
        ...{ at: row.publishedAt.toISOString(), by: row.publishedByName },
      };
    },
    { readOnly: true },
  );

/** Kinds that new tickets can be made of, each as it is published. */
export const listMakeableKinds = (ctx: VerbContext): Promise<{ items: Makeable[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => ({
      items: (await listMakeable(tx, ctx.actor.tenantId)).map(({ code, version, kind }) => ({
        ...{ code, number: version, document: kind },
      })),
    }),
    { readOnly: true },
  );

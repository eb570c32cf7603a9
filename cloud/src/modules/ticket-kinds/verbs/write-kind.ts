import { HubError } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import { and, eq, sql } from 'drizzle-orm';
import { isUniqueViolation, lockCount, storableJson, type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { authorName } from '../author-name.js';
import { blankKind } from '../blank-kind.js';
import { checkDocument, labelOf } from '../check-document.js';
import { type CreateKind, type DraftSaved, type KindPage, type KindPublished, mostKinds } from '../contract.js';
import { documentOf, findKind, type KindRow, lockKind, newestVersion, surroundingsOf } from '../read-kinds.js';
import { ticketKinds, ticketKindVersions } from '../tables.js';
import { getKind } from './list-kinds.js';

interface Which {
  readonly code: string;
  readonly version: number;
}

const target = (row: Pick<KindRow, 'code'>, document: unknown) => ({
  ...{ kind: 'ticket_kind', id: row.code, name: labelOf(document, row.code).zh },
});

const update = async (tx: Tx, row: KindRow, change: Partial<typeof ticketKinds.$inferInsert>): Promise<KindRow> => {
  const [after] = await tx
    .update(ticketKinds)
    .set({ ...change, version: row.version + 1 })
    .where(and(eq(ticketKinds.tenantId, row.tenantId), eq(ticketKinds.code, row.code)))
    .returning();
  if (!after) throw new HubError('bug', 'UPDATE … RETURNING returned no row');
  return after;
};

/** A new kind from the blank one or from another; nothing is published by it. Errors: `conflict` for a taken code, `not_found`. */
export const createKind = async (ctx: VerbContext, { code, label, from }: CreateKind): Promise<KindPage> => {
  try {
    await withTenant(ctx.db, ctx.actor, async (tx) => {
      ctx.actor.require('ticketkind.write', 'tenant');
      const { tenantId } = ctx.actor;
      await lockCount(tx, 'ticket_kinds', tenantId);
      const [{ count } = { count: 0 }] = await tx
        .select({ count: sql<number>`count(*)::int` })
        .from(ticketKinds)
        .where(eq(ticketKinds.tenantId, tenantId));
      if (count >= mostKinds) throw new HubError('conflict', `There are ${mostKinds} kinds of tickets at most`);
      const draft = from === 'blank' ? blankKind(code, label) : await copyOf(tx, tenantId, { code, label, from });
      const now = new Date(ctx.clock.now());
      const draftByName = await authorName(tx, ctx);
      await tx.insert(ticketKinds).values({ tenantId, code, draft, draftAt: now, draftByName });
      await audit(tx, ctx, { action: 'ticket_kind.created', target: target({ code }, draft), after: { from } });
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const message = 'Another kind has this code';
    throw new HubError('conflict', message, {
      cause: error,
      context: { errors: [{ path: 'body.code', message }] },
    });
  }
  return getKind(ctx, { code });
};

const copyOf = async (tx: Tx, tenantId: string, { code, label, from }: CreateKind): Promise<object> => ({
  ...((await documentOf(tx, await findKind(tx, tenantId, from))) as object),
  ...{ code, label },
});

/** Saves what is being worked on, finished or not, and says what is wrong with it. Errors: `precondition_failed`, `too_large`. */
export const saveDraft = (
  ctx: VerbContext,
  { document: given, ...which }: Which & { readonly document: KindPage['draft']['document'] },
): Promise<DraftSaved> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await lockKind(tx, ctx, which);
    const document = storableJson(given);
    const around = await surroundingsOf(tx, row.tenantId);
    const { faults } = checkDocument(document, { code: row.code, ...around });
    const { version } = await update(tx, row, {
      ...{ draft: document, draftAt: new Date(ctx.clock.now()), draftByName: await authorName(tx, ctx) },
      draftIsShipped: false,
    });
    // The document itself stands in the version that is published; a trail of every keystroke's draft would be megabytes.
    await audit(tx, ctx, {
      action: 'ticket_kind.draft_saved',
      target: target(row, document),
      after: { version, faults: faults.length },
    });
    return { version, faults: [...faults] };
  });

/** Back to what is published; a kind that never was is gone. Errors: `precondition_failed`. */
export const discardDraft = (ctx: VerbContext, which: Which): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await lockKind(tx, ctx, which);
    if (row.publishedVersion === null) {
      await tx.delete(ticketKinds).where(and(eq(ticketKinds.tenantId, row.tenantId), eq(ticketKinds.code, row.code)));
    } else {
      await update(tx, row, { draft: null, draftAt: null, draftByName: null, draftIsShipped: false });
    }
    await audit(tx, ctx, { action: 'ticket_kind.draft_discarded', target: target(row, row.draft) });
  });

const insertVersion = async (
  tx: Tx,
  { tenantId, code }: Pick<KindRow, 'tenantId' | 'code'>,
  { kind, by, at }: { readonly kind: TicketKind; readonly by: string; readonly at: Date },
): Promise<number> => {
  const version = (await newestVersion(tx, tenantId, code)) + 1;
  await tx
    .insert(ticketKindVersions)
    .values({ tenantId, code, version, document: kind, publishedByName: by, publishedAt: at });
  return version;
};

/**
 * Makes the draft the version that new tickets begin with, at once and in all processes; running ones stay on theirs.
 * Errors: `conflict` reason `faults` with what keeps it, `not_changed` where there is no draft; `precondition_failed`.
 */
export const publishKind = (ctx: VerbContext, which: Which): Promise<KindPublished> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await lockKind(tx, ctx, which);
    if (row.draft === null) {
      throw new HubError('conflict', 'Nothing is changed: this is what is published', {
        context: { reason: 'not_changed' },
      });
    }
    const around = await surroundingsOf(tx, row.tenantId);
    const { kind, faults } = checkDocument(row.draft, { code: row.code, ...around });
    if (!kind || faults.some(({ severity }) => severity === 'error')) {
      throw new HubError('conflict', 'Its faults keep it from being published', {
        context: { reason: 'faults', faults },
        hint: 'Mend what is told as an error, then publish again.',
      });
    }
    const at = new Date(ctx.clock.now());
    const published = await insertVersion(tx, row, { kind, by: await authorName(tx, ctx), at });
    const { version } = await update(tx, row, {
      ...{ draft: null, draftAt: null, draftByName: null, draftIsShipped: false },
      ...{ publishedVersion: published, updatedAt: at },
    });
    await audit(tx, ctx, {
      action: 'ticket_kind.published',
      target: target(row, kind),
      before: { version: row.publishedVersion },
      after: { version: published },
    });
    return { published, version, faults: [...faults] };
  });

/** Retired, a kind makes no new tickets; those that run go on. */
export const retireKind = (
  ctx: VerbContext,
  { retired, ...which }: Which & { readonly retired: boolean },
): Promise<KindPage> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await lockKind(tx, ctx, which);
    if (row.publishedVersion === null) {
      throw new HubError('conflict', 'It was never published: discard its draft instead');
    }
    await update(tx, row, { retiredAt: retired ? (row.retiredAt ?? new Date(ctx.clock.now())) : null });
    await audit(tx, ctx, {
      action: retired ? 'ticket_kind.retired' : 'ticket_kind.brought_back',
      target: target(row, await documentOf(tx, row)),
    });
  }).then(() => getKind(ctx, which));

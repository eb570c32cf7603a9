import { HubError } from '@hallhub/shared';
import { and, count, desc, eq, inArray, isNull, lt, or } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../verb-kit/pagination.js';
import type { VerbContext } from '../access/verb-context.js';
import type { NoticeDto } from './contract.js';
import { notices } from './tables.js';

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

const ownId = ({ actor }: VerbContext): string => {
  if (actor.userId === null) throw new HubError('forbidden', 'Only people have notices');
  return actor.userId;
};

/** Who asks reads what they were told, the newest first. */
export const listNotices = (
  ctx: VerbContext,
  { limit, cursor, unread }: PageQuery & { readonly unread?: boolean | undefined },
): Promise<Page<NoticeDto>> => {
  const personId = ownId(ctx);
  const after = decodeCursor(cursor, cursorSchema);
  const before = after && [new Date(after[0]), after[1]];
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx
        .select()
        .from(notices)
        .where(
          and(
            eq(notices.tenantId, ctx.actor.tenantId),
            eq(notices.personId, personId),
            unread ? isNull(notices.readAt) : undefined,
            before
              ? or(
                  lt(notices.madeAt, before[0] as Date),
                  and(eq(notices.madeAt, before[0] as Date), lt(notices.id, before[1] as string)),
                )
              : undefined,
          ),
        )
        .orderBy(desc(notices.madeAt), desc(notices.id))
        .limit(limit + 1);
      return toPage(rows, limit, {
        item: ({ id, ticketId, rule, text, madeAt, readAt }) => ({
          ...{ id, ticketId, rule, text, madeAt: madeAt.toISOString(), readAt: readAt?.toISOString() ?? null },
        }),
        key: ({ madeAt, id }) => [madeAt.toISOString(), id],
      });
    },
    { readOnly: true },
  );
};

export const countNotices = (ctx: VerbContext): Promise<{ unread: number }> => {
  const personId = ownId(ctx);
  return withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const [row] = await tx
        .select({ unread: count() })
        .from(notices)
        .where(and(eq(notices.tenantId, ctx.actor.tenantId), eq(notices.personId, personId), isNull(notices.readAt)));
      return { unread: row?.unread ?? 0 };
    },
    { readOnly: true },
  );
};

/** Marks those as read, or all. What somebody has read is their own affair: no audit row. */
export const readNotices = (ctx: VerbContext, { ids }: { readonly ids: readonly string[] | 'all' }): Promise<void> => {
  const personId = ownId(ctx);
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await tx
      .update(notices)
      .set({ readAt: new Date(ctx.clock.now()) })
      .where(
        and(
          eq(notices.tenantId, ctx.actor.tenantId),
          eq(notices.personId, personId),
          isNull(notices.readAt),
          ids === 'all' ? undefined : inArray(notices.id, [...ids]),
        ),
      );
  });
};

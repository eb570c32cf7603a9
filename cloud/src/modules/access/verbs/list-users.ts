import { z } from '@hono/zod-openapi';
import { and, eq, gt, ilike, or, type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { User } from '../contract.js';
import { noSuchUser, usersInReach } from '../find-user.js';
import { describeUser, describeUsers } from '../read-users.js';
import { users } from '../tables.js';
import type { VerbContext } from '../verb-context.js';

export interface ListUsersInput extends PageQuery {
  readonly q?: string | undefined;
  readonly state?: User['state'] | undefined;
}

const stateIs = (state: User['state'] | undefined, now: Date): SQL | undefined => {
  const isLocked = sql`coalesce(${users.lockedUntil} > ${now.toISOString()}::timestamptz, false)`;
  if (state === undefined) return undefined;
  if (state === 'disabled') return eq(users.state, 'disabled');
  return and(eq(users.state, 'active'), state === 'locked' ? isLocked : sql`NOT ${isLocked}`);
};

/** `%` and `_` in what a person types are themselves. */
export const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** People within reach by user name; `q` searches user name, display name and e-mail. */
export const listUsers = (ctx: VerbContext, input: ListUsersInput): Promise<Page<User>> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const after = decodeCursor(input.cursor, z.tuple([z.string()]));
      const pattern = input.q && containing(input.q);
      const rows = await tx
        .select()
        .from(users)
        .where(
          and(
            eq(users.tenantId, ctx.actor.tenantId),
            usersInReach(ctx.actor),
            stateIs(input.state, new Date(ctx.clock.now())),
            pattern
              ? or(ilike(users.userName, pattern), ilike(users.displayName, pattern), ilike(users.email, pattern))
              : undefined,
            after ? gt(users.userName, after[0]) : undefined,
          ),
        )
        .orderBy(users.userName)
        .limit(input.limit + 1);
      const page = toPage(rows, input.limit, { item: (row) => row, key: (row) => [row.userName] });
      return { items: await describeUsers(tx, page.items, ctx.clock.now()), nextCursor: page.nextCursor };
    },
    { readOnly: true },
  );

/** One person. Errors: `not_found`. */
export const getUser = (ctx: VerbContext, input: { readonly userId: string }): Promise<User> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const [row] = await tx
        .select()
        .from(users)
        .where(and(eq(users.id, input.userId), usersInReach(ctx.actor)));
      if (!row) throw noSuchUser();
      return describeUser(tx, row, ctx.clock.now());
    },
    { readOnly: true },
  );

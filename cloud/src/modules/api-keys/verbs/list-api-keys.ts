import { z } from '@hono/zod-openapi';
import { and, desc, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { ApiKey } from '../contract.js';
import { apiKeysInReach, describeApiKey, selectApiKeys } from '../read-api-keys.js';
import { apiKeys } from '../tables.js';

/** Keys within reach, newest first, revoked ones included: the list is also the record. */
export const listApiKeys = (ctx: VerbContext, input: PageQuery): Promise<Page<ApiKey>> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const after = decodeCursor(input.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const rows = await selectApiKeys(tx)
        .where(
          and(
            apiKeysInReach(ctx.actor),
            after
              ? sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
              : undefined,
          ),
        )
        .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
        .limit(input.limit + 1);
      return toPage(rows, input.limit, {
        item: (row) => describeApiKey(row, ctx.clock.now()),
        key: ({ key }) => [key.createdAt.toISOString(), key.id],
      });
    },
    { readOnly: true },
  );

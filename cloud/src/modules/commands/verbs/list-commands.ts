import { HubError } from '@hallhub/shared';
import type { CommandState } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';
import { type SQL, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { CommandDto } from '../contract.js';
import { readCommands } from '../read-commands.js';
import type { CommandDeps } from './issue-command.js';

export interface CommandFilter extends PageQuery {
  readonly deviceId?: string | undefined;
  readonly unitId?: string | undefined;
  readonly hallId?: string | undefined;
  readonly batchId?: string | undefined;
  readonly name?: string | undefined;
  readonly open?: boolean | undefined;
  readonly state?: CommandState | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const reach = (ctx: VerbContext): SQL => inReach(sql`c.hall_id`, ctx.actor, 'command.read') ?? sql`true`;

/** Newest first. */
export const listCommands = async (
  ctx: VerbContext,
  deps: Pick<CommandDeps, 'profiles'>,
  filter: CommandFilter,
): Promise<Page<CommandDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const where = [
    reach(ctx),
    filter.deviceId && sql`c.device_id = ${filter.deviceId}`,
    filter.unitId && sql`c.unit_id = ${filter.unitId}`,
    filter.hallId && sql`c.hall_id = ${filter.hallId}`,
    filter.batchId && sql`c.batch_id = ${filter.batchId}`,
    filter.name && sql`c.name = ${filter.name}`,
    filter.open && sql`c.state IN ('queued', 'sent', 'received', 'running')`,
    filter.state && sql`c.state = ${filter.state}`,
    filter.from && sql`c.issued_at >= ${filter.from}`,
    filter.to && sql`c.issued_at < ${filter.to}`,
    after && sql`(c.issued_at, c.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
  ].filter((part): part is SQL => typeof part === 'object' && part !== null);
  const found = await withTenant(ctx.db, ctx.actor, (tx) =>
    readCommands(tx, deps.profiles, {
      tenantId: ctx.actor.tenantId,
      where: sql.join(where, sql` AND `),
      limit: filter.limit + 1,
    }),
  );
  return toPage(found, filter.limit, { item: (dto) => dto, key: (dto) => [dto.issuedAt, dto.id] });
};

export const getCommand = async (
  ctx: VerbContext,
  deps: Pick<CommandDeps, 'profiles'>,
  { commandId }: { readonly commandId: string },
): Promise<CommandDto> => {
  const [found] = await withTenant(ctx.db, ctx.actor, (tx) =>
    readCommands(tx, deps.profiles, {
      tenantId: ctx.actor.tenantId,
      where: sql`c.id = ${commandId} AND ${reach(ctx)}`,
      limit: 1,
    }),
  );
  if (!found) throw new HubError('not_found', 'There is no such command');
  return found;
};

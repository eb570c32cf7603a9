import type { Label } from '@hallhub/shared';
import { HubError } from '@hallhub/shared';
import { type CommandState, isFinalCommandState } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Tx, withTenant } from '../../../db/index.js';
import { decodeCursor, type Page, type PageQuery, toPage } from '../../../verb-kit/pagination.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { instantText } from '../../fleet/instant-text.js';
import type { CommandBatchDto } from '../contract.js';
import { deviceCommandLabels } from '../read-commands.js';
import type { CommandDeps } from './issue-command.js';

interface BatchRow {
  id: string;
  name: string;
  input: Record<string, unknown>;
  issued_by: string | null;
  issued_by_name: string;
  issued_at: string;
  deadline_at: string;
  cancelled_at: string | null;
  skipped: CommandBatchDto['skipped'];
  states: Partial<Record<CommandState, number>> | null;
  profile_hash: string | null;
}

/** Batches with a command in reach; figures are of those alone. */
const readBatches = async (
  tx: Tx,
  ctx: VerbContext,
  deps: Pick<CommandDeps, 'profiles'>,
  of: { readonly where: SQL; readonly limit: number },
): Promise<CommandBatchDto[]> => {
  const reach = inReach(sql`c.hall_id`, ctx.actor, 'command.read') ?? sql`true`;
  const { rows } = (await tx.execute(sql`
    SELECT b.*, s.states, (SELECT d.profile_hash FROM commands c JOIN devices d ON d.tenant_id = c.tenant_id AND d.id = c.device_id
        WHERE c.tenant_id = b.tenant_id AND c.batch_id = b.id ORDER BY c.id LIMIT 1) AS profile_hash
    FROM command_batches b CROSS JOIN LATERAL (
      SELECT json_object_agg(g.state, g.n) AS states FROM (
        SELECT c.state, count(*) AS n FROM commands c WHERE c.tenant_id = b.tenant_id AND c.batch_id = b.id AND ${reach} GROUP BY c.state) g) s
    WHERE b.tenant_id = ${ctx.actor.tenantId} AND s.states IS NOT NULL AND ${of.where}
    ORDER BY b.issued_at DESC, b.id DESC LIMIT ${of.limit}`)) as unknown as { rows: BatchRow[] };
  const profiles = await deps.profiles.getMany(
    tx,
    ctx.actor.tenantId,
    rows.flatMap(({ profile_hash }) => profile_hash ?? []),
  );
  const seesAll = ctx.actor.scopeFilter('command.read') === 'all';
  return rows.map((row) => {
    const commands = profiles.get(row.profile_hash ?? '')?.thing.commands ?? [];
    return toDto(row, {
      label: commands.find(({ id }) => id === row.name)?.label ?? deviceCommandLabels[row.name] ?? null,
      seesAll,
    });
  });
};

const toDto = (
  row: BatchRow,
  { label, seesAll }: { readonly label: Label | null; readonly seesAll: boolean },
): CommandBatchDto => {
  const states = Object.entries(row.states ?? {}) as [CommandState, number][];
  const sum = (some: typeof states) => some.reduce((total, [, n]) => total + Number(n), 0);
  return {
    id: row.id,
    name: row.name,
    label,
    input: row.input,
    issuedBy: { id: row.issued_by, name: row.issued_by_name },
    issuedAt: instantText(row.issued_at),
    deadlineAt: instantText(row.deadline_at),
    cancelledAt: instantText(row.cancelled_at),
    total: sum(states),
    finished: sum(states.filter(([state]) => isFinalCommandState(state))),
    states: Object.fromEntries(states.map(([state, n]) => [state, Number(n)])),
    // Which devices were left out is told to who may see every hall; others might learn of devices that are not theirs.
    skipped: seesAll ? row.skipped : [],
  };
};

export const listBatches = async (
  ctx: VerbContext,
  deps: Pick<CommandDeps, 'profiles'>,
  filter: PageQuery,
): Promise<Page<CommandBatchDto>> => {
  const after = decodeCursor(filter.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
  const where = after ? sql`(b.issued_at, b.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql`true`;
  const found = await withTenant(ctx.db, ctx.actor, (tx) =>
    readBatches(tx, ctx, deps, { where, limit: filter.limit + 1 }),
  );
  return toPage(found, filter.limit, { item: (dto) => dto, key: (dto) => [dto.issuedAt, dto.id] });
};

export const getBatch = async (
  ctx: VerbContext,
  deps: Pick<CommandDeps, 'profiles'>,
  { batchId }: { readonly batchId: string },
): Promise<CommandBatchDto> => {
  const [found] = await withTenant(ctx.db, ctx.actor, (tx) =>
    readBatches(tx, ctx, deps, { where: sql`b.id = ${batchId}`, limit: 1 }),
  );
  if (!found) throw new HubError('not_found', 'There is no such batch');
  return found;
};

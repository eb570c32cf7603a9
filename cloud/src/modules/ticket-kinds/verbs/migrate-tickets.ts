import { HubError, isHubError } from '@hallhub/shared';
import { type KindVersion, type Migration, migrationOf } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { kindOf, nameOfActor, openTicket } from '../../tickets/store/change-ticket.js';
import { saveLines } from '../../tickets/store/save-lines.js';
import { FieldSealer } from '../../tickets/store/seal-fields.js';
import { doerOf, TicketWorld } from '../../tickets/store/ticket-world.js';
import { ticketDeps } from '../../tickets/ticket-deps.js';
import type { Migrated, MigrateTickets } from '../contract.js';
import { versionOrDraft } from './compare-kind.js';

/** In one request; each is a transaction of its own, and nobody waits minutes for an answer. */
const mostAtOnce = 200;
const mostToldRefusals = 100;

interface Moving {
  readonly from: KindVersion;
  readonly to: KindVersion;
  readonly steps: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
}
type Obstacle = Migrated['refused'][number]['obstacles'][number];
type Moved = { readonly leaves: readonly string[] } | { readonly obstacles: readonly Obstacle[] };

/**
 * Moves running tickets of one version to another, each by itself with a line of history; those that cannot go on there stay and
 * are told with all that keeps them. `dryRun` only tells. Errors: `not_found`, `invalid_input`.
 */
export const migrateTickets = async (
  ctx: VerbContext,
  { code, from, to, steps, dryRun, after }: MigrateTickets & { readonly code: string },
): Promise<Migrated> => {
  ctx.actor.require('ticketkind.write', 'tenant');
  if (from === to) throw new HubError('invalid_input', 'From one version to another');
  const { tenantId } = ctx.actor;
  const { moving, tickets } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const versionOf = async (version: number): Promise<KindVersion> => ({
      version,
      kind: await versionOrDraft(tx, tenantId, { code, version }),
    });
    const { rows } = await tx.$client.query<{ id: string; number: string }>(
      `SELECT id, number FROM tickets WHERE tenant_id = $1 AND kind = $2 AND kind_version = $3 AND status <> 'ended'
         AND ($4::uuid IS NULL OR id > $4) ORDER BY id LIMIT $5`,
      [tenantId, code, from, after ?? null, mostAtOnce + 1],
    );
    return { moving: { from: await versionOf(from), to: await versionOf(to), steps, dryRun }, tickets: rows };
  });
  const result = new MigrationReport(dryRun);
  const those = tickets.slice(0, mostAtOnce);
  for (const { id, number } of those) result.note({ id, number }, await moveOne(ctx, id, moving));
  if (!dryRun) {
    await withTenant(ctx.db, ctx.actor, (tx) =>
      audit(tx, ctx, {
        action: 'ticket_kind.tickets_migrated',
        target: { kind: 'ticket_kind', id: code, name: moving.to.kind.label.zh },
        before: { version: from },
        after: { version: to, steps, moved: result.moved, refused: result.refusedCount },
      }),
    );
  }
  return result.answer(tickets.length > mostAtOnce ? (those.at(-1)?.id ?? null) : null);
};

class MigrationReport {
  moved = 0;
  refusedCount = 0;
  readonly #refused: Migrated['refused'] = [];
  readonly #leaves = new Map<string, number>();

  constructor(private readonly dryRun: boolean) {}

  note({ id, number }: { readonly id: string; readonly number: string }, came: Moved): void {
    if ('obstacles' in came) {
      this.refusedCount += 1;
      if (this.#refused.length < mostToldRefusals) {
        this.#refused.push({ ticketId: id, number, obstacles: [...came.obstacles] });
      }
      return;
    }
    this.moved += 1;
    for (const field of came.leaves) this.#leaves.set(field, (this.#leaves.get(field) ?? 0) + 1);
  }

  answer(next: string | null): Migrated {
    const { dryRun, moved, refusedCount } = this;
    const leaves = [...this.#leaves].map(([field, tickets]) => ({ field, tickets }));
    return { dryRun, moved, refusedCount, refused: this.#refused, leaves, next };
  }
}

const told = (migration: Migration): Moved =>
  migration.ok ? { leaves: migration.leaves } : { obstacles: migration.obstacles };

/** What is changed or ended meanwhile is refused by the same checks: it is looked at again once it is locked. */
const moveOne = async (ctx: VerbContext, ticketId: string, moving: Moving): Promise<Moved> => {
  const { tenantId } = ctx.actor;
  // Kinds are the whole organisation's: whoever publishes them need not see each ticket.
  const all: VerbContext = { ...ctx, actor: systemActor(tenantId) };
  try {
    return await withTenant(ctx.db, { tenantId }, async (tx) => {
      const { ticket, state, world: old } = await openTicket(tx, all, { ticketId, lock: !moving.dryRun });
      const migration = migrationOf(state, moving);
      if (!migration.ok || moving.dryRun) return told(migration);
      const { version } = moving.to;
      const { kind } = await kindOf(tx, { ...ticket, kindVersion: version });
      const world = await TicketWorld.load(tx, all, { kind, place: ticket, state, notBefore: old.at });
      // A field that is personal from this version on lies sealed from now on.
      const fields = new FieldSealer(ticketDeps(ctx.db).sealing, ticket.id, kind).seal(state.fields);
      await saveLines(tx, all, {
        ...{ world, before: state, kindVersion: version, lines: [migration.line] },
        ticket: { ...ticket, sealed: { ...ticket.sealed, fields } },
        ...{ by: doerOf(ctx.actor), byName: nameOfActor(ctx, world) },
      });
      return told(migration);
    });
  } catch (error) {
    // It is gone, or others keep changing it: told, and the rest goes on.
    if (isHubError(error, 'not_found') || isHubError(error, 'conflict')) return { obstacles: [{ code: 'busy' }] };
    throw error;
  }
};

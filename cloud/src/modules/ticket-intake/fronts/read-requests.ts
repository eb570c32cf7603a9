import { HubError } from '@hallhub/shared';
import type { Phase } from '@hallhub/shared/ticket';
import { sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import type { Unlocked } from '../forms/public-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import type { Claim, FrontRequest } from './contract.js';
import { frontPerson } from './front-person.js';

const mostShown = 50;

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly number: string;
  readonly kind: string;
  readonly title: string;
  readonly phase: Phase;
  readonly made_at: Date;
  readonly ended_at: Date | null;
}

const claimed = (deps: IntakeDeps, { actor }: VerbContext, claim: Claim) => {
  const { tenantId } = actor;
  const person = frontPerson(deps.sealing, { tenantId, ...claim });
  const reach = inReach(sql`t.hall_id`, actor, 'ticket.front') ?? sql`true`;
  return sql`FROM ticket_fronts f JOIN tickets t ON t.tenant_id = f.tenant_id AND t.id = f.ticket_id
    WHERE f.tenant_id = ${tenantId} AND f.person = ${person} AND ${reach}`;
};

/** What somebody asked through that program, the newest fifty. */
export const listRequests = (deps: IntakeDeps, ctx: VerbContext, claim: Claim): Promise<FrontRequest[]> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = await tx.execute<Row>(
        sql`SELECT t.id, t.number, t.kind, t.title, t.phase, t.made_at, t.ended_at ${claimed(deps, ctx, claim)}
          ORDER BY f.ticket_id DESC LIMIT ${mostShown}`,
      );
      const shown: FrontRequest[] = [];
      for (const row of rows) {
        const published = await readKind(tx, ctx.actor.tenantId, row.kind);
        shown.push({
          ...{ number: row.number, title: row.title, phase: row.phase },
          kind: { code: row.kind, label: published?.kind.label ?? { zh: row.kind } },
          madeAt: new Date(row.made_at).toISOString(),
          endedAt: row.ended_at && new Date(row.ended_at).toISOString(),
        });
      }
      return shown;
    },
    { readOnly: true },
  );

/** Errors: `not_found`, also of somebody else's. */
export const claimRequest = (
  deps: IntakeDeps,
  ctx: VerbContext,
  { number, ...claim }: Claim & { readonly number: string },
): Promise<Unlocked> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { rows } = await tx.execute<{ id: string }>(
        sql`SELECT t.id ${claimed(deps, ctx, claim)} AND t.number = ${number}`,
      );
      const [row] = rows;
      if (!row) throw new HubError('not_found', 'There is no such request of theirs');
      return { tenantId: ctx.actor.tenantId, ticketId: row.id };
    },
    { readOnly: true },
  );

import type { PartyView } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openTicket } from '../store/change-ticket.js';

const most = 50;

export type PartyChoice = PartyView & { readonly officeName: string | null };

/** Whom the reader may choose, by a part of the name; offices first. */
export const chooseParties = (
  ctx: VerbContext,
  { ticketId, q = '' }: { readonly ticketId: string; readonly q?: string | undefined },
): Promise<{ items: PartyChoice[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { world } = await openTicket(tx, ctx, { ticketId });
      const { userId } = ctx.actor;
      const wanted = q.normalize('NFKC').toLowerCase();
      const items = (userId === null ? [] : world.book.choosable(userId))
        .map((party): PartyChoice => {
          const officeName = party.kind === 'person' ? (world.book.officeNameOf(party.id) ?? null) : null;
          return { kind: party.kind, id: party.id, name: world.book.nameOf(party), officeName };
        })
        .filter(({ name, officeName }) => `${name} ${officeName ?? ''}`.toLowerCase().includes(wanted));
      return { items: items.slice(0, most) };
    },
    { readOnly: true },
  );

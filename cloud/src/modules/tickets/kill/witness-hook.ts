import { uuidv7 } from '@hallhub/shared';
import type { TicketHook } from '../ticket-hooks.js';

export const witness = 'witness';

/** For tests: writes down every act that it heard of, as notices and the exchange do: in the transaction of the act. */
export const witnessHook: TicketHook = {
  onLines: async (tx, ctx, { ticket, events }) => {
    const seq = events.at(-1)?.seq ?? 0;
    await tx.$client.query(
      `INSERT INTO notices (id, tenant_id, person_id, ticket_id, rule, text, once, made_at) VALUES ($1, $2, $3, $4, $3, '{"zh": "·"}', $5, $6)`,
      [uuidv7(), ctx.actor.tenantId, witness, ticket.id, `${ticket.id}:${seq}`, new Date(ctx.clock.now())],
    );
  },
};

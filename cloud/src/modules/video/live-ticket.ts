import { z } from 'zod';
import { SignedTickets } from './signed-tickets.js';

const ticketSchema = z.object({
  tenantId: z.uuid(),
  userId: z.uuid(),
  /** Of a program. */
  apiKeyId: z.uuid().optional(),
  /** May spend what a metered line costs, and said so. */
  despiteMetered: z.boolean().optional(),
  cameras: z
    .array(z.object({ deviceId: z.uuid(), unitId: z.uuid() }))
    .min(1)
    .max(16),
  /** When the audit trail last said that they look; epoch ms, as what follows. */
  since: z.number().optional(),
  endsAt: z.number(),
});
export type LiveTicket = z.infer<typeof ticketSchema>;

/** Two minutes: whoever lost the right sees no more than that. The page asks for the next one in time. */
export const ticketLifeMs = 120_000;

/** What a socket is opened with: any process of the cloud can check it, and a foreign page cannot make one. */
export class LiveTickets extends SignedTickets<LiveTicket> {
  constructor(secret: string) {
    super({ secret, purpose: 'live', schema: ticketSchema });
  }
}

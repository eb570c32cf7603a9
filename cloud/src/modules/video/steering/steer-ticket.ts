import { z } from 'zod';
import { SignedTickets } from '../signed-tickets.js';

const ticketSchema = z.object({
  tenantId: z.uuid(),
  personId: z.uuid(),
  by: z.string(),
  deviceId: z.uuid(),
  unitId: z.uuid(),
  session: z.uuid(),
  since: z.number(),
  /** Epoch ms. */
  endsAt: z.number(),
});
export type SteerTicket = z.infer<typeof ticketSchema>;

/** Two minutes, as of who looks: whoever lost the right turns nothing longer than that. */
export const steerTicketLifeMs = 120_000;

/** What a browser shows on its socket before it turns a camera: any process of the cloud can check it. */
export class SteerTickets extends SignedTickets<SteerTicket> {
  constructor(secret: string) {
    super({ secret, purpose: 'steer', schema: ticketSchema });
  }
}

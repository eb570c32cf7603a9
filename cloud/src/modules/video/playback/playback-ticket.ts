import { z } from 'zod';
import { SignedTickets } from '../signed-tickets.js';

const ticketSchema = z.discriminatedUnion('for', [
  /** Looking at what one camera recorded from `from` to `to`. */
  z.object({
    for: z.literal('view'),
    ...{ principalId: z.string(), deviceId: z.uuid(), endsAt: z.number(), from: z.number(), to: z.number() },
    despiteMetered: z.boolean().optional(),
  }),
  /** One file that the unit has planned. */
  z.object({
    for: z.literal('download'),
    ...{ principalId: z.string(), deviceId: z.uuid(), endsAt: z.number(), from: z.number(), to: z.number() },
    despiteMetered: z.boolean().optional(),
    ...{ plan: z.string(), bytes: z.number().int(), pictures: z.number().int() },
  }),
]);
export type PlaybackTicket = z.infer<typeof ticketSchema>;

/** Says that the audit trail has the entry: any process can check it, nobody else can make one. It gives no right by itself. */
export class PlaybackTickets extends SignedTickets<PlaybackTicket> {
  constructor(secret: string) {
    super({ secret, purpose: 'playback', schema: ticketSchema });
  }
}

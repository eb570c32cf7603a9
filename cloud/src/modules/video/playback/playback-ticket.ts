import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

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
export class PlaybackTickets {
  readonly #key: Buffer;

  /** `secret`: the installation's. */
  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('hallhub playback ticket').digest();
  }

  issue(ticket: PlaybackTicket): string {
    const body = Buffer.from(JSON.stringify(ticket)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  /** Undefined for one that is not ours; whose it is and whether its time is over is the caller's to judge. */
  read(text: string): PlaybackTicket | undefined {
    const [body = '', signature = ''] = text.slice(0, 4_096).split('.');
    const given = Buffer.from(signature);
    const right = Buffer.from(this.#sign(body));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const parsed = ticketSchema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }
}

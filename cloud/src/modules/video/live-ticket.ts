import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

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
export class LiveTickets {
  readonly #key: Buffer;

  /** `secret`: the installation's. */
  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('hallhub live ticket').digest();
  }

  issue(ticket: LiveTicket): string {
    const body = Buffer.from(JSON.stringify(ticket)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  /** Undefined for one that is not ours; whether its time is over is the caller's to judge. */
  read(text: string): LiveTicket | undefined {
    const [body = '', signature = ''] = text.slice(0, 8_192).split('.');
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

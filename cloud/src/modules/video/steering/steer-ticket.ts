import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

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
export class SteerTickets {
  readonly #key: Buffer;

  /** `secret`: the installation's. */
  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('hallhub steer ticket').digest();
  }

  issue(ticket: SteerTicket): string {
    const body = Buffer.from(JSON.stringify(ticket)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  /** Undefined for one that is not ours; whether its time is over is the caller's to judge. */
  read(text: string): SteerTicket | undefined {
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

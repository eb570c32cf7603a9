import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';

export interface SignedTicketsOptions<T> {
  /** The installation's. */
  readonly secret: string;
  /** What they are good for: one of another purpose is not ours. */
  readonly purpose: string;
  readonly schema: z.ZodType<T>;
}

/** Tickets that carry what they say: any process of the cloud can check one, nobody else can make one. */
export class SignedTickets<T> {
  readonly #key: Buffer;
  readonly #schema: z.ZodType<T>;

  constructor({ secret, purpose, schema }: SignedTicketsOptions<T>) {
    this.#key = createHmac('sha256', secret).update(`hallhub ${purpose} ticket`).digest();
    this.#schema = schema;
  }

  issue(ticket: T): string {
    const body = Buffer.from(JSON.stringify(ticket)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  /** Undefined for one that is not ours; whose it is and whether its time is over is the caller's to judge. */
  read(text: string): T | undefined {
    const [body = '', signature = ''] = text.slice(0, 8_192).split('.');
    const given = Buffer.from(signature);
    const right = Buffer.from(this.#sign(body));
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const parsed = this.#schema.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url');
  }
}

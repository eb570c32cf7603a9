import { z } from '@hono/zod-openapi';

export const asideListSchema = z
  .object({
    total: z.int(),
    items: z
      .array(
        z.object({
          ticket: z.object({ id: z.uuid(), number: z.string(), title: z.string() }),
          kind: z.object({ code: z.string(), version: z.int() }).describe('By which it runs'),
          work: z.enum(['recompute', 'note', 'resume']),
          reason: z.string(),
          since: z.iso.datetime(),
          tries: z.int(),
          retryAt: z.iso.datetime(),
        }),
      )
      .describe('Longest first, 200 at most'),
  })
  .openapi('TicketsAside');
export type AsideList = z.infer<typeof asideListSchema>;

import { labelSchema } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';

export const noticeSchema = z
  .object({
    id: z.uuid(),
    ticketId: z.uuid().nullable(),
    rule: z.string().describe('The kind’s notice, or escalated, instructed, reminded'),
    text: labelSchema,
    madeAt: z.iso.datetime(),
    readAt: z.iso.datetime().nullable(),
  })
  .openapi('Notice');
export type NoticeDto = z.infer<typeof noticeSchema>;

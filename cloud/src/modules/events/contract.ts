import { labelSchema } from '@hallhub/shared';
import { severities } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

export const eventDtoSchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    receivedAt: z.iso.datetime(),
    deviceId: z.uuid(),
    deviceName: z.string().nullable(),
    hallId: z.uuid(),
    event: z.string(),
    label: labelSchema.nullable(),
    severity: z.enum(severities),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi('Event');
export type EventDto = z.infer<typeof eventDtoSchema>;

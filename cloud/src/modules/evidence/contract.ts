import { evidenceStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

export const evidenceDto = z
  .object({
    id: z.uuid(),
    unitId: z.uuid(),
    hallId: z.uuid(),
    deviceId: z.uuid().nullable(),
    deviceName: z.string().nullable(),
    eventId: z.uuid().nullable(),
    name: z.string().nullable(),
    mediaType: z.string().nullable(),
    bytes: z.number().int().nullable(),
    sha256: z.string().nullable(),
    madeAt: z.iso.datetime().nullable(),
    /** `complete`: the bytes are here and checked. `given_up`: the unit had to let it go (`reason`). */
    state: z.enum(evidenceStates),
    reason: z.string().nullable(),
    receivedAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
  })
  .openapi('Evidence');
export type EvidenceDto = z.infer<typeof evidenceDto>;

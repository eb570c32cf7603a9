import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();

export const codeKindSchema = z.enum(['new', 'replace']);

export const makeCodeSchema = z.object({ kind: codeKindSchema });

export const newCodeSchema = z
  .object({
    id: z.uuid(),
    kind: codeKindSchema,
    /** `XXXX-XXXX-…`, eight groups of four; shown once. */
    code: z.string(),
    /** What the QR code holds. */
    link: z.string(),
    /** `https://host:port` of the gateway. */
    gateway: z.string(),
    expiresAt: instant,
  })
  .openapi('NewEnrolmentCode');
export type NewCode = z.infer<typeof newCodeSchema>;

export const enrolmentCodeSchema = z
  .object({
    id: z.uuid(),
    kind: codeKindSchema,
    state: z.enum(['open', 'used', 'expired', 'withdrawn']),
    madeAt: instant,
    madeBy: z.string(),
    expiresAt: instant,
    usedAt: instant.nullable(),
    /** Where it was used from, and by what. */
    usedFrom: z.string().nullable(),
    hardware: z
      .object({
        software: z.string().optional(),
        model: z.string().optional(),
        serial: z.string().optional(),
        hostName: z.string().optional(),
      })
      .nullable(),
    /** Uses that were refused. */
    refused: z.int(),
  })
  .openapi('EnrolmentCode');
export type EnrolmentCodeDto = z.infer<typeof enrolmentCodeSchema>;

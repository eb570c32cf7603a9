import { labelSchema } from '@hallhub/shared';
import { phases, slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { formReceiptSchema, judgeSchema, submitFormSchema, withdrawSchema } from '../contract.js';
import { frontSources } from './tables.js';

const source = z.enum(frontSources);
/** How that program knows whoever asks (an openid, a subscriber’s number); it is kept hashed only. */
const person = z.string().min(1).max(200);

export const sendRequestSchema = submitFormSchema
  .omit({ website: true, token: true })
  .extend({
    form: z.string().max(48).describe('Slug of the form whose questions are answered'),
    source,
    origin: z
      .string()
      .regex(/^[\w.:/-]{1,100}$/)
      .describe('Unique in that program: the same again is the same request'),
    person: person.optional(),
    hallId: z.uuid().nullable().default(null),
    /** The kiosk or screen at which it was said. */
    deviceId: z.uuid().nullable().default(null),
  })
  .openapi('SendFrontRequest');
export type SendRequest = z.infer<typeof sendRequestSchema>;

export const requestSentSchema = formReceiptSchema
  .extend({ ticketId: z.uuid(), repeated: z.boolean().describe('It had been sent before') })
  .openapi('FrontRequestSent');
export type RequestSent = z.infer<typeof requestSentSchema>;

export const claimSchema = z.object({ source, person });
export type Claim = z.infer<typeof claimSchema>;

export const frontRequestSchema = z
  .object({
    number: z.string(),
    kind: z.object({ code: slugSchema, label: labelSchema }),
    title: z.string(),
    phase: z.enum(phases),
    madeAt: z.iso.datetime(),
    endedAt: z.iso.datetime().nullable(),
  })
  .openapi('FrontRequest');
export type FrontRequest = z.infer<typeof frontRequestSchema>;

export const judgeRequestSchema = judgeSchema.omit({ pin: true }).extend(claimSchema.shape);
export const withdrawRequestSchema = withdrawSchema.omit({ pin: true }).extend(claimSchema.shape);

import { labelSchema } from '@hallhub/shared';
import { fieldKeySchema, fieldSchema, phases, slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { afterwards } from './forms/after-judging.js';
import { formSources } from './fronts/tables.js';

const instant = z.iso.datetime();
const slug = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, 'small letters, digits and -');

export const ticketFormSchema = z
  .object({
    id: z.uuid(),
    slug,
    kind: slugSchema,
    title: labelSchema,
    intro: labelSchema.nullable(),
    fields: z.array(fieldKeySchema),
    answers: z.array(fieldKeySchema),
    hallId: z.uuid().nullable(),
    enabled: z.boolean(),
    source: z.enum(formSources).describe('Where its page stands: its tickets say so'),
    /** Where the page is, below this server’s own address. */
    path: z.string(),
    version: z.int(),
    createdAt: instant,
    submitted: z.int().describe('Tickets that it has made'),
    lastAt: instant.nullable(),
  })
  .openapi('TicketForm');
export type TicketForm = z.infer<typeof ticketFormSchema>;

const written = {
  ...{ kind: slugSchema, title: labelSchema, intro: labelSchema.nullable().default(null) },
  fields: z.array(fieldKeySchema).min(1).max(60),
  /** What whoever asked reads once it is answered; personal fields never are. */
  answers: z.array(fieldKeySchema).max(10).default([]),
  hallId: z.uuid().nullable().default(null),
  enabled: z.boolean().default(true),
  source: z.enum(formSources).default('web_form'),
};
export const createFormSchema = z.object({ ...written, slug }).openapi('CreateTicketForm');
export type CreateForm = z.infer<typeof createFormSchema>;
export const editFormSchema = z.object(written).openapi('EditTicketForm');
export type EditForm = z.infer<typeof editFormSchema>;

export const previewFormSchema = editFormSchema.extend({
  slug,
  /** The form that is changed. */
  formId: z.uuid().optional(),
  fields: z.array(fieldKeySchema).max(60),
  language: z.enum(['zh', 'en']).default('zh'),
});
export type PreviewForm = z.infer<typeof previewFormSchema>;

const choosable = { key: fieldKeySchema, label: labelSchema };
export const formPreviewSchema = z
  .object({
    html: z.string(),
    slugTaken: z.boolean(),
    fault: z.string().nullable().describe('Why it could not be saved so'),
    askable: z.array(z.object({ ...choosable, type: z.string(), personal: z.boolean(), required: z.boolean() })),
    answerable: z.array(z.object(choosable)),
  })
  .openapi('TicketFormPreview');
export type FormPreview = z.infer<typeof formPreviewSchema>;

export const publicFormSchema = z
  .object({
    slug,
    title: labelSchema,
    intro: labelSchema.nullable(),
    fields: z.array(fieldSchema),
    required: z.array(fieldKeySchema),
    categories: z.record(slugSchema, z.array(z.object({ path: z.array(slugSchema), label: z.string() }))),
  })
  .openapi('PublicForm');

export const submitFormSchema = z.object({
  fields: z.record(fieldKeySchema, z.json()).refine((all) => Object.keys(all).length <= 60),
  files: z
    .array(z.object({ field: fieldKeySchema, name: z.string().min(1).max(200), content: z.base64().max(7_000_000) }))
    .max(6)
    .default([]),
  /** A trap: people leave it empty. */
  website: z.string().max(200).optional(),
  token: z
    .string()
    .regex(/^[\w-]{16,64}$/)
    .optional()
    .describe('Made once per filling in: the same answers sent again with it are the same request'),
});
export const formReceiptSchema = z.object({ number: z.string(), pin: z.string().describe('Shown this once') });

const number = z.string().regex(/^[A-Z]{1,8}\d{4,24}$/);
const pin = z.string().min(4).max(16);
export const publicTicketParams = z.object({ number });
export const pinSchema = z.object({ pin });

export const publicTicketSchema = z
  .object({
    number: z.string(),
    kind: labelSchema,
    state: labelSchema,
    phase: z.enum(phases),
    madeAt: instant,
    endedAt: instant.nullable(),
    progress: z.array(z.object({ at: instant, state: labelSchema })),
    answers: z.array(z.object({ label: labelSchema, text: z.string() })),
    mayJudge: z.boolean(),
    /** What may be sent as `cause`. */
    causes: z.array(z.object({ value: slugSchema, label: labelSchema })),
    mayWithdraw: z.boolean(),
    zone: z.string(),
    organisation: z.string(),
  })
  .openapi('PublicTicket');

export const judgeSchema = z.object({
  pin,
  satisfaction: z.int().min(1).max(5),
  cause: slugSchema.optional(),
  words: z.string().trim().max(2_000).optional(),
});
export const judgedSchema = z
  .object({
    number: z.string(),
    state: labelSchema,
    phase: z.enum(phases),
    next: z.enum(afterwards).describe('closed; again: not content, so it is taken up again as `state` says; goes_on'),
    words: labelSchema.describe('What to tell whoever judged'),
  })
  .openapi('JudgedTicket');
export const withdrawSchema = z.object({ pin, words: z.string().trim().min(1).max(500) });

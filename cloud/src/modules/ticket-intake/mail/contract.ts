import { labelSchema } from '@hallhub/shared';
import { fieldKeySchema, slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { pageQuerySchema } from '../../../http/pagination.js';
import { securities } from './tables.js';

const instant = z.iso.datetime();
const key = fieldKeySchema.nullable();
export const mailMappingSchema = z.strictObject({
  title: fieldKeySchema,
  text: key,
  requester: key,
  email: key,
  files: key,
  /** What every letter is about: codes from the root of the kind’s tree. */
  category: z.array(z.string().min(1).max(60)).min(1).max(6).nullable().optional(),
});

const server = {
  host: z.string().trim().min(1).max(253),
  port: z.int().min(1).max(65_535),
  security: z.enum(securities),
  userName: z.string().trim().min(1).max(254),
  /** Certificate of the server's own authority, PEM. */
  ca: z.string().trim().max(20_000).startsWith('-----BEGIN CERTIFICATE-----').nullable().default(null),
  folder: z.string().trim().min(1).max(200).default('INBOX'),
};
const written = {
  ...server,
  name: z.string().trim().min(1).max(60),
  address: z.email().max(254),
  kind: slugSchema,
  hallId: z.uuid().nullable().default(null),
  /** Left out: by the kind’s fields. */
  mapping: mailMappingSchema.optional(),
  acknowledge: z.boolean().default(true),
  enabled: z.boolean().default(true),
};
const password = z.string().min(1).max(500);
export const createMailboxSchema = z.strictObject({ ...written, password }).openapi('CreateMailbox');
export type CreateMailbox = z.infer<typeof createMailboxSchema>;
/** Without a password the one before stays; it goes with another server. */
export const editMailboxSchema = z.strictObject({ ...written, password: password.optional() }).openapi('EditMailbox');
export type EditMailbox = z.infer<typeof editMailboxSchema>;
export const tryMailboxSchema = z.strictObject({
  ...server,
  password: password.optional(),
  mailboxId: z.uuid().optional(),
});
export type TryMailbox = z.infer<typeof tryMailboxSchema>;
export const triedSchema = z.object({
  ok: z.boolean(),
  failure: z.string().nullable(),
  detail: z.string().nullable(),
  letters: z.int().nullable(),
});

export const mailboxSchema = z
  .object({
    ...{
      id: z.uuid(),
      name: z.string(),
      address: z.string(),
      host: z.string(),
      port: z.int(),
      security: z.enum(securities),
    },
    ...{
      userName: z.string(),
      ca: z.string().nullable(),
      folder: z.string(),
      kind: slugSchema,
      kindLabel: labelSchema,
    },
    ...{ hallId: z.uuid().nullable(), mapping: mailMappingSchema, acknowledge: z.boolean(), enabled: z.boolean() },
    state: z.enum(['new', 'ok', 'failed']),
    failure: z.string().nullable(),
    detail: z.string().nullable(),
    failures: z.int(),
    stateAt: instant.nullable(),
    nextAt: instant,
    lookedAt: instant.nullable(),
    letters: z.object({ made: z.int(), added: z.int(), aside: z.int() }),
    version: z.int(),
  })
  .openapi('Mailbox');
export type Mailbox = z.infer<typeof mailboxSchema>;

export const letterSchema = z
  .object({
    id: z.uuid(),
    state: z.enum(['made', 'added', 'aside']),
    reason: z.string().nullable(),
    ticket: z.object({ id: z.uuid(), number: z.string() }).nullable(),
    /** Masked without ticket.personal. */
    from: z.string(),
    subject: z.string(),
    at: instant,
  })
  .openapi('MailLetter');
export type MailLetter = z.infer<typeof letterSchema>;
export const mailboxParams = z.object({ mailboxId: z.uuid() });
export const lettersQuery = pageQuerySchema.extend({ state: z.enum(['made', 'added', 'aside']).optional() });

import { z } from '@hono/zod-openapi';

export const auditEntrySchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    actor: z.object({ id: z.uuid().nullable(), name: z.string(), kind: z.enum(['user', 'system', 'apikey']) }),
    action: z.string(),
    target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
    hallId: z.uuid().nullable(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    ip: z.string().nullable(),
    requestId: z.string().nullable(),
    /** Its number in the chain; null for the second or so until it is sealed. */
    seq: z.int().nullable(),
    hash: z.string().nullable(),
  })
  .openapi('AuditEntry');
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditVerificationSchema = z
  .object({
    ok: z.boolean(),
    /** The last number that was found whole. */
    checkedTo: z.int(),
    /** The first place that does not fit: `changed`, `missing`, `head` (the end was cut) or `anchor` (rewritten). */
    problem: z
      .object({ kind: z.enum(['changed', 'missing', 'head', 'anchor']), seq: z.int(), entryId: z.string().nullable() })
      .nullable(),
    signedHeads: z.int(),
    signaturesChecked: z.boolean(),
    /** Rows that say they are much older than those sealed before them: look at them. */
    backdated: z.array(z.object({ seq: z.int(), entryId: z.string(), at: z.iso.datetime() })),
    verifiedAt: z.iso.datetime(),
    durationMs: z.int(),
  })
  .openapi('AuditVerification');
export type AuditVerification = z.infer<typeof auditVerificationSchema>;

export const auditChainSchema = z
  .object({
    seq: z.int(),
    hash: z.string().nullable(),
    sealedAt: z.iso.datetime().nullable(),
    /** Written, not chained yet. */
    unsealed: z.int(),
    lastSignedHead: z.object({ number: z.int(), seq: z.int(), at: z.iso.datetime() }).nullable(),
    verification: auditVerificationSchema.nullable(),
  })
  .openapi('AuditChain');
export type AuditChain = z.infer<typeof auditChainSchema>;

export const auditFilterSchema = z.object({
  actorId: z.uuid().optional(),
  action: z.string().max(100).optional(),
  targetKind: z.string().max(50).optional(),
  targetId: z.string().max(100).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  q: z.string().max(100).optional(),
});
export type AuditFilter = z.output<typeof auditFilterSchema>;

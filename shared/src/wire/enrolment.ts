import { z } from 'zod';
import { epochMsSchema, idSchema, jsonObjectSchema } from './primitives.js';

/** docs/protocol.md 5. What crosses the cloud's unit gateway (HTTPS). */
export const gatewayPaths = {
  enrol: '/unit/v1/enrol',
  renew: '/unit/v1/renew',
  trust: '/unit/v1/trust',
  time: '/unit/v1/time',
  snapshot: '/unit/v1/snapshot',
  /** tus 1.0 creation URL. */
  evidence: '/unit/v1/evidence',
  proof: '/unit/v1/proof',
  /** docs/protocol.md 8.1. */
  vision: '/unit/v1/vision',
  /** WebSocket; docs/protocol.md 8.4. */
  live: '/unit/v1/live',
  /** docs/protocol.md 8.5. */
  recordings: '/unit/v1/recordings',
} as const;

const pemSchema = z
  .string()
  .max(16_384)
  .regex(/^-----BEGIN [A-Z ]+-----\n[A-Za-z0-9+/=\n]+-----END [A-Z ]+-----\s*/, 'PEM');

export const trustSchema = z.object({
  /** Changes whenever the list does. */
  version: z.string().min(1).max(64),
  /** CA certificates, PEM, one each; the one that issues now comes first. */
  certificates: z.array(pemSchema).min(1).max(8),
});
export type Trust = z.infer<typeof trustSchema>;

export const enrolRequestSchema = z.object({
  v: z.literal(1),
  /** The secret part of the code. */
  code: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{15}$/),
  /** PKCS #10, PEM, ECDSA P-256; its subject is ignored: the cloud says who the unit is. */
  csr: pemSchema,
  software: z.string().max(64),
  hardware: z.object({
    model: z.string().max(200).optional(),
    serial: z.string().max(200).optional(),
    hostName: z.string().max(255).optional(),
  }),
  at: epochMsSchema,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

export const enrolAnswerSchema = z.object({
  v: z.literal(1),
  unitId: idSchema,
  name: z.string(),
  hallName: z.string(),
  timeZone: z.string(),
  /** Signs gaps (1.2); over 64 bytes. It opens no connection once a certificate was issued. */
  secret: z.string().min(65).max(512),
  /** Leaf first; PEM texts joined. Subject CN = unit id. */
  certificate: z.string().max(32_768),
  trust: trustSchema,
  /** `mqtts://host:port` */
  mqtt: z.url({ protocol: /^mqtts$/ }),
  /** `https://host:port` */
  gateway: z.url({ protocol: /^https$/ }),
  serverTime: epochMsSchema,
  /** This unit takes the place of another: it fetches the snapshot before it opens the hall. */
  replacement: z.boolean(),
});
export type EnrolAnswer = z.infer<typeof enrolAnswerSchema>;

export const renewRequestSchema = z.object({ v: z.literal(1), csr: pemSchema });
export type RenewRequest = z.infer<typeof renewRequestSchema>;
export const renewAnswerSchema = z.object({
  v: z.literal(1),
  certificate: z.string().max(32_768),
  trust: trustSchema,
  serverTime: epochMsSchema,
});
export type RenewAnswer = z.infer<typeof renewAnswerSchema>;

export const maxSnapshotBytes = 8 * 1_048_576;

/** What a replacement needs to be the same hall: kept encrypted in the cloud, given only to this unit's successor. */
export const unitSnapshotSchema = z.object({
  v: z.literal(1),
  madeAt: epochMsSchema,
  software: z.string().max(64),
  /** edge.yaml as it is, and files it names (PEM), by relative path. */
  files: z.record(z.string().max(300), z.string()),
  /** Tables of the unit's own store (registry, credentials' hashes, desired values, calibration, join policy), by name. */
  tables: z.record(z.string().max(64), z.array(jsonObjectSchema)),
});
export type UnitSnapshot = z.infer<typeof unitSnapshotSchema>;

/** The gateway's errors: `application/problem+json` with one of these in `code`. */
export const gatewayErrorCodes = [
  'code_unknown',
  'code_used',
  'code_expired',
  'csr_invalid',
  'certificate_required',
  'certificate_revoked',
  'certificate_unknown',
  'unit_archived',
  'too_many_requests',
  'unavailable',
] as const;
export type GatewayErrorCode = (typeof gatewayErrorCodes)[number];

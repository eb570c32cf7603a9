import { z } from '@hono/zod-openapi';
import { caStates, revocationReasons } from './tables.js';

const instant = z.iso.datetime();
const count = z.int();

export const unitCertificateSchema = z
  .object({
    id: z.uuid(),
    state: z.enum(['valid', 'expiring', 'expired', 'revoked']),
    /** Hexadecimal. */
    serial: z.string(),
    /** SHA-256 of the DER, hexadecimal. */
    fingerprint: z.string(),
    caId: z.uuid(),
    caName: z.string(),
    issuedAt: instant,
    issuedBy: z.enum(['enrolled', 'replaced', 'renewed']),
    endsAt: instant,
    revokedAt: instant.nullable(),
    revokedWhy: z.enum(revocationReasons).nullable(),
    /** A later one of the same unit took over. */
    replacedBy: z.uuid().nullable(),
  })
  .openapi('UnitCertificate');
export type UnitCertificateDto = z.infer<typeof unitCertificateSchema>;

export const revokeSchema = z.object({
  reason: z.enum(['lost', 'compromised', 'other']),
  /** This one only; else all in force. */
  certificateId: z.uuid().optional(),
});

export const authoritySchema = z
  .object({
    id: z.uuid(),
    state: z.enum(caStates),
    name: z.string(),
    /** SHA-256 of the DER, hexadecimal. */
    fingerprint: z.string(),
    certificate: z.string(),
    startsAt: instant,
    endsAt: instant,
    madeAt: instant,
    activatedAt: instant.nullable(),
    retiredAt: instant.nullable(),
    /** Units with a certificate in force of this authority. */
    units: count,
    /** Units that have no other: retiring it would shut them out. */
    unitsHanging: count,
  })
  .openapi('CertificateAuthority');

export const authoritiesSchema = z
  .object({
    items: z.array(authoritySchema),
    trustVersion: z.string(),
    /** What may be done now. */
    next: z.enum(['make', 'activate', 'retire']),
    /** Names and addresses in the certificate of the listeners. */
    hosts: z.array(z.string()),
    /** Certificates of units in service that end within this many days without a successor. */
    expiringSoon: count,
  })
  .openapi('CertificateAuthorities');
export type AuthoritiesDto = z.infer<typeof authoritiesSchema>;

export const hangingUnitsSchema = z.object({
  items: z.array(
    z.object({
      ...{ unitId: z.uuid(), name: z.string(), hallId: z.uuid(), hallName: z.string() },
      endsAt: instant,
      presence: z.enum(['online', 'offline']),
    }),
  ),
  /** Units of other tenants of this installation: no more than their number is told. */
  elsewhere: count,
});
export type HangingUnitsDto = z.infer<typeof hangingUnitsSchema>;

export const retireSchema = z.object({
  /** The units that lose their link, each one named: without them, retiring is refused while any unit hangs on it. */
  giveUp: z.array(z.uuid()).max(10_000).optional(),
});

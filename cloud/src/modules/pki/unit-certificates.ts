import { HubError, uuidv7 } from '@hallhub/shared';
import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { fingerprintOf, issueClient, type PublicKey, pemOf } from './certificates.js';
import type { CloudPki } from './open-pki.js';
import type { RevocationReason } from './tables.js';
import { unitCertificates } from './tables.js';

export type UnitCertificate = typeof unitCertificates.$inferSelect;

interface OfUnit {
  readonly tenantId: string;
  readonly unitId: string;
}

export interface IssueUnitCertificate extends OfUnit {
  readonly publicKey: PublicKey;
  readonly keyHash: Buffer;
  readonly issuedBy: UnitCertificate['issuedBy'];
  readonly nowMs: number;
}

/** Stores what it issues in the same transaction: a certificate that is not in the books opens nothing. */
export const issueUnitCertificate = async (
  tx: Tx,
  pki: Pick<CloudPki, 'issuing'>,
  given: IssueUnitCertificate,
): Promise<UnitCertificate> => {
  const { caId, issuer } = pki.issuing();
  // Another process may have retired the CA that this one still holds; the lock keeps it from doing so meanwhile.
  const { rows } = await tx.$client.query(`SELECT 1 FROM ca_keys WHERE id = $1 AND state <> 'retired' FOR SHARE`, [
    caId,
  ]);
  if (rows.length === 0) throw new HubError('unavailable', 'The certificate authority is changing: try again');
  const { tenantId, unitId, publicKey, keyHash, issuedBy, nowMs } = given;
  const certificate = await issueClient(issuer, { unitId, publicKey }, nowMs);
  const [row] = await tx
    .insert(unitCertificates)
    .values({
      ...{ id: uuidv7(nowMs), tenantId, unitId, caId, serial: certificate.serialNumber, keyHash, issuedBy },
      ...{ fingerprint: fingerprintOf(certificate), certificate: pemOf(certificate), issuedAt: new Date(nowMs) },
      ...{ notBefore: certificate.notBefore, notAfter: certificate.notAfter },
    })
    .returning();
  if (!row) throw new HubError('bug', 'A certificate was not stored');
  return row;
};

/** A key belongs to one unit for ever, and one whose certificate was revoked gets no other. */
export const mayHoldKey = async (tx: Tx, unitId: string, keyHash: Buffer): Promise<boolean> => {
  const { rows } = await tx.$client.query(
    'SELECT 1 FROM unit_certificates WHERE key_hash = $1 AND (unit_id <> $2 OR revoked_at IS NOT NULL) LIMIT 1',
    [keyHash, unitId],
  );
  return rows.length === 0;
};

export interface RevokeCertificates extends OfUnit {
  readonly reason: RevocationReason;
  readonly nowMs: number;
  /** This one only; else all that are in force. */
  readonly certificateId?: string | undefined;
}

/** Ends certificates in force; gives their serials. Call `pki.refresh()` after the commit: connections end at once then. */
export const revokeUnitCertificates = async (tx: Tx, given: RevokeCertificates): Promise<string[]> => {
  const { rows } = await tx.$client.query<{ serial: string }>(
    `UPDATE unit_certificates SET revoked_at = $3, revoked_why = $4, revoked_seen = clock_timestamp()
     WHERE tenant_id = $1 AND unit_id = $2 AND revoked_at IS NULL AND ($5::uuid IS NULL OR id = $5) RETURNING serial`,
    [given.tenantId, given.unitId, new Date(given.nowMs), given.reason, given.certificateId ?? null],
  );
  return rows.map(({ serial }) => serial);
};

/** Not revoked and not over, newest first. */
export const certificatesInForce = (tx: Tx, { tenantId, unitId }: OfUnit, now: Date): Promise<UnitCertificate[]> =>
  tx
    .select()
    .from(unitCertificates)
    .where(
      and(
        eq(unitCertificates.tenantId, tenantId),
        eq(unitCertificates.unitId, unitId),
        isNull(unitCertificates.revokedAt),
      ),
    )
    .orderBy(desc(unitCertificates.issuedAt), desc(unitCertificates.id))
    .then((rows) => rows.filter(({ notAfter }) => notAfter > now));

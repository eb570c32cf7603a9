import { type Database, withSystem } from '../../db/index.js';
import type { CertificateAuthority } from './ca-store.js';
import { fingerprintOf, isIssuedBy } from './certificates.js';
import { readCertificate, verifyWith } from './document-signer.js';

/**
 * Who signed: by our own books, as at the listeners, but without the certificate's end: what a unit signed while it was in time may
 * travel for a while. Null for a certificate that is not ours or was revoked, an archived unit, a signature that does not fit.
 */
export const verifyUnitSignature = async (
  database: Database,
  given: {
    readonly document: Uint8Array;
    /** ECDSA P-256, SHA-256, DER. */
    readonly signature: Uint8Array;
    /** PEM, the signer's first. */
    readonly certificates: readonly string[];
    readonly authorities: readonly CertificateAuthority[];
  },
): Promise<string | null> => {
  const certificate = readCertificate(given.certificates[0]);
  if (!certificate) return null;
  const found = await withSystem(
    database,
    (tx) =>
      tx.$client.query<{ unit_id: string; ca_id: string }>(
        `SELECT c.unit_id, c.ca_id FROM unit_certificates c JOIN units u ON u.id = c.unit_id
         WHERE c.fingerprint = $1 AND c.revoked_at IS NULL AND u.archived_at IS NULL`,
        [fingerprintOf(certificate)],
      ),
    { readOnly: true },
  );
  const row = found.rows[0];
  const issuer = row && given.authorities.find(({ id }) => id === row.ca_id);
  if (!row || !issuer || !(await isIssuedBy(certificate, issuer.certificate))) return null;
  return verifyWith(certificate, given.document, given.signature) ? row.unit_id : null;
};

import { createHash } from 'node:crypto';
import type { Clock } from '@hallhub/shared';
import { type Database, withSystem } from '../../db/index.js';
import { KeyedQueue } from '../streams/keyed-queue.js';
import type { CertificateVerdict, Pki } from './pki-port.js';

interface Row {
  unit_id: string;
  not_after: Date;
  is_revoked: boolean;
  is_replaced: boolean;
  is_archived: boolean;
}

/** A storm of handshakes waits for itself, not people and ingest for it. */
const lookUpsAtOnce = 4;

/** One look-up by the hash of the DER: a certificate that is not in our books is nobody's, whoever signed it. Nothing is cached. */
export const certificateJudge = (database: Database, clock: Clock): Pki['judgeCertificate'] => {
  const queue = new KeyedQueue({ maxRunning: lookUpsAtOnce, maxWaiting: 0 });
  let asked = 0;
  const judge = async (certificate: Uint8Array): Promise<CertificateVerdict> => {
    const fingerprint = createHash('sha256').update(certificate).digest();
    const found = await withSystem(database, (tx) =>
      tx.$client.query<Row>({
        name: 'judge-certificate',
        text: `SELECT c.unit_id, c.not_after, c.revoked_at IS NOT NULL AS is_revoked, u.archived_at IS NOT NULL AS is_archived,
            c.revoked_why IS NOT DISTINCT FROM 'replaced' AS is_replaced
          FROM unit_certificates c JOIN units u ON u.id = c.unit_id WHERE c.fingerprint = $1`,
        values: [fingerprint],
      }),
    );
    const row = found.rows[0];
    if (!row) return { ok: false, reason: 'unknown', unitId: null };
    const unitId = row.unit_id;
    if (row.is_archived) return { ok: false, reason: 'archived', unitId };
    if (row.is_revoked) return { ok: false, reason: 'revoked', unitId, isReplaced: row.is_replaced };
    if (row.not_after.getTime() < clock.now()) return { ok: false, reason: 'expired', unitId };
    return { ok: true, unitId };
  };
  return (certificate) =>
    new Promise((resolve, reject) => {
      queue.push(String(asked++), () => judge(certificate).then(resolve, reject));
    });
};

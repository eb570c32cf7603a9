import type { Clock } from '@hallhub/shared';
import { type Database, withSystem } from '../../db/index.js';
import { openIssuer } from './ca-store.js';
import { backdatedMs, signingAlgorithm } from './certificates.js';
import type { CloudPki } from './open-pki.js';
import type { RevocationReason } from './tables.js';
import { AuthorityKeyIdentifierExtension, Extension, X509CrlGenerator, X509CrlReason } from './x509.js';

/** An external broker that was not brought up to date for this long refuses everybody: it says so rather than trust an old list. */
const nextUpdateMs = 7 * 86_400_000;
/** Asked for more often, the same list is the answer. */
const cachedMs = 2_000;
const crlNumber = '2.5.29.20';

const reasons: Record<RevocationReason, X509CrlReason> = {
  replaced: X509CrlReason.superseded,
  archived: X509CrlReason.cessationOfOperation,
  lost: X509CrlReason.keyCompromise,
  compromised: X509CrlReason.keyCompromise,
  retired_ca: X509CrlReason.superseded,
  other: X509CrlReason.unspecified,
};

interface Row {
  ca_id: string;
  serial: string;
  revoked_at: Date;
  revoked_why: RevocationReason;
}

/** The revocation lists of all trusted authorities, PEM, one after the other: what an external broker checks against. */
export const revocationLists = (
  database: Database,
  clock: Clock,
  pki: Pick<CloudPki, 'authorities' | 'sealing'>,
): (() => Promise<string>) => {
  let cached: { readonly atMs: number; readonly text: Promise<string> } | undefined;
  return () => {
    const atMs = clock.monotonicMs();
    if (!cached || atMs - cached.atMs >= cachedMs) {
      const text = make(database, clock, pki);
      cached = { atMs, text };
      text.catch(() => {
        cached = undefined;
      });
    }
    return cached.text;
  };
};

const make = async (
  database: Database,
  clock: Clock,
  pki: Pick<CloudPki, 'authorities' | 'sealing'>,
): Promise<string> => {
  const nowMs = clock.now();
  const { rows } = await withSystem(database, (tx) =>
    tx.$client.query<Row>(
      'SELECT ca_id, serial, revoked_at, revoked_why FROM unit_certificates WHERE revoked_at IS NOT NULL AND not_after > $1 ORDER BY revoked_at, id',
      [new Date(nowMs)],
    ),
  );
  const lists: string[] = [];
  for (const ca of pki.authorities()) {
    if (ca.state === 'retired') continue;
    const issuer = await openIssuer(ca, pki.sealing);
    const list = await X509CrlGenerator.create({
      ...{ issuer: ca.certificate.subjectName, signingKey: issuer.privateKey, signingAlgorithm },
      ...{ thisUpdate: new Date(nowMs - backdatedMs), nextUpdate: new Date(nowMs + nextUpdateMs) },
      entries: rows
        .filter(({ ca_id }) => ca_id === ca.id)
        .map((row) => ({
          serialNumber: row.serial,
          revocationDate: row.revoked_at,
          reason: reasons[row.revoked_why],
        })),
      extensions: [
        await AuthorityKeyIdentifierExtension.create(ca.certificate.publicKey),
        new Extension(crlNumber, false, derInteger(nowMs)),
      ],
    });
    // OpenSSL knows them by this name only; the library says `CRL`.
    lists.push(
      `${list
        .toString('pem')
        .replaceAll(/(BEGIN|END) CRL/g, '$1 X509 CRL')
        .trim()}\n`,
    );
  }
  return lists.join('');
};

/** A positive INTEGER, so the lists' numbers only grow (RFC 5280 §5.2.3). */
const derInteger = (value: number): Uint8Array => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  const body = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return Buffer.concat([Buffer.of(0x02, body.length), body]);
};

import { uuidv7 } from '@hallhub/shared';
import { asc, eq } from 'drizzle-orm';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import { crossSign, fingerprintOf, type Issuer, importKey, makeCa, pemOf, X509Certificate } from './certificates.js';
import type { Sealing } from './sealing.js';
import type { CaState } from './tables.js';
import { caKeys } from './tables.js';

/** Any constant will do, as long as every HallHub process takes the same lock. */
const lockKey = 4_702_111_240;

export interface CertificateAuthority {
  readonly id: string;
  readonly state: CaState;
  readonly name: string;
  readonly pem: string;
  readonly crossPem: string | null;
  readonly certificate: X509Certificate;
  /** SHA-256 of the certificate's DER. */
  readonly fingerprint: Buffer;
  readonly sealedKey: Buffer | null;
}

/** One change of the authorities at a time, over all processes, until the transaction ends. */
export const lockAuthorities = async (tx: Tx): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
};

/** All that ever were, oldest first. */
export const readAuthorities = async (tx: Tx): Promise<CertificateAuthority[]> => {
  const rows = await tx.select().from(caKeys).orderBy(asc(caKeys.madeAt), asc(caKeys.id));
  return rows.map((row) => ({
    ...{ id: row.id, state: row.state, name: row.name, pem: row.certificate, crossPem: row.crossCertificate },
    certificate: new X509Certificate(row.certificate),
    ...{ fingerprint: row.fingerprint, sealedKey: row.sealedKey },
  }));
};

/** What `caId`'s key is sealed for. */
const keyContext = (caId: string): string => `ca ${caId}`;

/** Errors: `configuration` with another secret than the one the key was sealed with. */
export const openIssuer = async (ca: CertificateAuthority, sealing: Sealing): Promise<Issuer> => ({
  certificate: ca.certificate,
  privateKey: await importKey(sealing.unseal(ca.sealedKey ?? new Uint8Array(), keyContext(ca.id))),
});

/** Makes a CA and stores it in `state`; with `issuer` also its cross certificate. Hold `lockAuthorities`. */
export const insertAuthority = async (
  tx: Tx,
  sealing: Sealing,
  given: { readonly state: 'next' | 'active'; readonly issuer?: Issuer; readonly nowMs: number },
): Promise<string> => {
  const { state, issuer, nowMs } = given;
  const made = await makeCa(nowMs);
  const id = uuidv7(nowMs);
  const now = new Date(nowMs);
  await tx.insert(caKeys).values({
    ...{
      id,
      state,
      name: made.name,
      certificate: pemOf(made.certificate),
      fingerprint: fingerprintOf(made.certificate),
    },
    crossCertificate: issuer ? pemOf(await crossSign(made.certificate, issuer, nowMs)) : null,
    sealedKey: Buffer.from(sealing.seal(made.privateKey, keyContext(id))),
    ...{ notBefore: made.certificate.notBefore, notAfter: made.certificate.notAfter, madeAt: now },
    activatedAt: state === 'active' ? now : null,
  });
  return id;
};

/** The first start of an installation makes its CA; of two that start at once the second one finds it. */
export const ensureAuthority = (database: Database, sealing: Sealing, nowMs: number): Promise<void> =>
  withSystem(database, async (tx) => {
    await lockAuthorities(tx);
    const active = await tx.select({ id: caKeys.id }).from(caKeys).where(eq(caKeys.state, 'active'));
    if (active.length === 0) await insertAuthority(tx, sealing, { state: 'active', nowMs });
  });

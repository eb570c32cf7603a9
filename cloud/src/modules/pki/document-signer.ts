import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { Clock } from '@hallhub/shared';
import type { CertificateAuthority } from './ca-store.js';
import { type Issuer, isDocumentSigner, isIssuedBy, issueSigner, pemOf, X509Certificate } from './certificates.js';
import type { DocumentSignature } from './pki-port.js';

interface Signer {
  readonly caId: string;
  readonly key: KeyObject;
  readonly certificate: string;
}

/** Signs with a key that lives in this process only, certified by the CA in force; a new one after a rotation. */
export class DocumentSigner {
  readonly #clock: Clock;
  #signer: Promise<Signer> | undefined;
  #caId: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async sign(document: Uint8Array, by: { readonly caId: string; readonly issuer: Issuer }): Promise<DocumentSignature> {
    if (this.#caId !== by.caId) {
      this.#caId = by.caId;
      this.#signer = this.#make(by);
      this.#signer.catch(() => {
        this.#caId = undefined;
      });
    }
    const { key, certificate } = await (this.#signer as Promise<Signer>);
    return {
      algorithm: 'ecdsa-p256-sha256',
      signature: sign('sha256', document, key).toString('base64'),
      certificates: [certificate, pemOf(by.issuer.certificate)],
    };
  }

  async #make({ caId, issuer }: { readonly caId: string; readonly issuer: Issuer }): Promise<Signer> {
    const { certificate, privateKey } = await issueSigner(issuer, this.#clock.now());
    return {
      caId,
      key: createPrivateKey({ key: Buffer.from(privateKey), format: 'der', type: 'pkcs8' }),
      certificate: pemOf(certificate),
    };
  }
}

/** False for anything that was not signed by a document key of one of these authorities. Never throws for what is wrong in it. */
export const verifyDocument = async (
  document: Uint8Array,
  signature: DocumentSignature,
  authorities: readonly CertificateAuthority[],
): Promise<boolean> => {
  if (signature.algorithm !== 'ecdsa-p256-sha256') return false;
  const certificate = readCertificate(signature.certificates[0]);
  if (!certificate || !isDocumentSigner(certificate)) return false;
  const known = await Promise.all(authorities.map((ca) => isIssuedBy(certificate, ca.certificate)));
  return known.includes(true) && verifyWith(certificate, document, Buffer.from(signature.signature, 'base64'));
};

/** Undefined where it is none. */
export const readCertificate = (pem: string | undefined): X509Certificate | undefined => {
  try {
    return pem === undefined || pem.length > 16_384
      ? undefined
      : new X509Certificate(pem, { berOptions: { maxDepth: 32, maxNodes: 500 } });
  } catch {
    return undefined;
  }
};

/** ECDSA P-256, SHA-256, DER. */
export const verifyWith = (certificate: X509Certificate, document: Uint8Array, signature: Uint8Array): boolean => {
  const spki = { key: Buffer.from(certificate.publicKey.rawData), format: 'der', type: 'spki' } as const;
  return verify('sha256', document, createPublicKey(spki), signature);
};

import { createPrivateKey, createPublicKey, createSign, type KeyObject, X509Certificate } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import type { Trust } from '@hallhub/shared/wire';
import { certificateTimes, splitPem } from './certificate-text.js';
import { readCas } from './check-trust.js';

/** Who this unit is to the cloud (docs/protocol.md 5): its key, which never leaves it, its certificate, and whom it trusts. */
export interface UnitIdentity {
  readonly unitId: string;
  /** PEM, leaf first. */
  readonly certificates: readonly string[];
  /** Epoch ms, as the certificate has them. */
  readonly issuedAt: number;
  readonly endsAt: number;
  readonly trust: Trust;
  /** What TLS takes, PEM. */
  readonly tls: { readonly key: string; readonly cert: string };
  /** ECDSA P-256 with SHA-256, DER. */
  sign(document: Uint8Array): Buffer;
}

export interface IdentityParts {
  /** PKCS #8, PEM. */
  readonly key: string;
  /** PEM texts joined, leaf first. */
  readonly certificate: string;
  readonly trust: Trust;
}

/** Throws `configuration` where the parts are broken or do not belong together. */
export const openIdentity = ({ key: keyText, certificate, trust }: IdentityParts): UnitIdentity => {
  const key = readKey(keyText);
  const certificates = splitPem(certificate);
  const [leaf] = certificates.map((text) => readCertificate(text));
  if (!leaf) throw unusable('certificate.pem holds no certificate');
  if (!publicKeyOf(key).equals(publicKeyOf(leaf.publicKey))) {
    throw unusable('the certificate belongs to another key');
  }
  const unitId = /^CN=([0-9a-f-]{36})$/m.exec(leaf.subject)?.[1];
  if (!unitId) throw unusable(`the certificate names no unit: ${leaf.subject.replaceAll('\n', ', ')}`);
  readCas(trust);
  return {
    unitId,
    certificates,
    ...certificateTimes(leaf),
    trust,
    tls: { key: keyText, cert: certificates.join('') },
    sign: (document) => createSign('sha256').update(document).sign(key),
  };
};

const readKey = (text: string): KeyObject => {
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
      throw unusable('key.pem is no ECDSA P-256 key');
    }
    return key;
  } catch (cause) {
    if (cause instanceof HubError) throw cause;
    // The parser's message may quote what it read.
    throw unusable('key.pem is not a whole private key');
  }
};

const readCertificate = (text: string): X509Certificate => {
  try {
    return new X509Certificate(text);
  } catch (cause) {
    throw unusable('certificate.pem is not a whole certificate', cause);
  }
};

const publicKeyOf = (key: KeyObject): Buffer =>
  (key.type === 'public' ? key : createPublicKey(key)).export({ type: 'spki', format: 'der' });

const unusable = (message: string, cause?: unknown): HubError =>
  new HubError('configuration', message, {
    cause,
    hint: 'Ask for a new code in the console (the unit’s page, Replace) and run: hub enrol CODE',
  });

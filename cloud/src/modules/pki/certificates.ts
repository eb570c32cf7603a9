import { createHash, randomBytes, type webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { HubError } from '@hallhub/shared';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from './x509.js';

const { subtle } = globalThis.crypto;

export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;

const dayMs = 86_400_000;
export const caLifeMs = 3_653 * dayMs;
export const clientLifeMs = 90 * dayMs;
export const serverLifeMs = 30 * dayMs;
/** A unit's clock may be this far behind and its new certificate still is in time. */
export const backdatedMs = 3_600_000;
/** RFC 9336. */
const documentSigning = '1.3.6.1.5.5.7.3.36';

export interface Issuer {
  /** The CA's certificate. */
  readonly certificate: X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

export interface KeyedCertificate {
  readonly certificate: X509Certificate;
  /** PKCS #8, DER. */
  readonly privateKey: Uint8Array;
}

export const pemOf = (certificate: X509Certificate): string => `${certificate.toString('pem').trim()}\n`;

export const sha256 = (bytes: Uint8Array | ArrayBuffer): Buffer =>
  createHash('sha256')
    .update(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
    .digest();

export const fingerprintOf = (certificate: X509Certificate): Buffer => sha256(certificate.rawData);

/** 16 random bytes, positive: RFC 5280 §4.1.2.2. */
const makeSerial = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
};

const makeKeys = (): Promise<webcrypto.CryptoKeyPair> => subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);

const exportKey = async (key: webcrypto.CryptoKey): Promise<Uint8Array> =>
  new Uint8Array(await subtle.exportKey('pkcs8', key));

export const importKey = (pkcs8: Uint8Array): Promise<webcrypto.CryptoKey> =>
  subtle.importKey('pkcs8', pkcs8, keyAlgorithm, false, ['sign']);

const seconds = (ms: number): Date => new Date(Math.floor(ms / 1000) * 1000);

const caExtensions = async (publicKey: PublicKey | webcrypto.CryptoKey): Promise<Extension[]> => [
  new BasicConstraintsExtension(true, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  await SubjectKeyIdentifierExtension.create(publicKey),
];

/** A new root: ECDSA P-256, ten years, its name made unique by the first bytes of its key. */
export const makeCa = async (nowMs: number): Promise<KeyedCertificate & { readonly name: string }> => {
  const keys = await makeKeys();
  const spki = new Uint8Array(await subtle.exportKey('spki', keys.publicKey));
  const name = `HallHub CA ${sha256(spki).toString('hex', 0, 4)}`;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerial(),
    name: [{ CN: [name] }, { O: ['HallHub'] }],
    ...{ notBefore: seconds(nowMs - backdatedMs), notAfter: seconds(nowMs + caLifeMs) },
    ...{ keys, signingAlgorithm, extensions: await caExtensions(keys.publicKey) },
  });
  return { certificate, privateKey: await exportKey(keys.privateKey), name };
};

/** The same CA, vouched for by the one before it, for as long as both last. */
export const crossSign = async (ca: X509Certificate, issuer: Issuer, nowMs: number): Promise<X509Certificate> =>
  X509CertificateGenerator.create({
    serialNumber: makeSerial(),
    ...{ subject: ca.subjectName, issuer: issuer.certificate.subjectName, publicKey: ca.publicKey },
    notBefore: seconds(nowMs - backdatedMs),
    notAfter: new Date(Math.min(ca.notAfter.getTime(), issuer.certificate.notAfter.getTime())),
    ...{ signingKey: issuer.privateKey, signingAlgorithm },
    extensions: [
      ...(await caExtensions(ca.publicKey)),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  });

interface Leaf {
  readonly commonName: string;
  readonly publicKey: PublicKey | webcrypto.CryptoKey;
  readonly usage: string;
  readonly keyUsage: KeyUsageFlags;
  readonly names?: ConstructorParameters<typeof SubjectAlternativeNameExtension>[0];
  readonly endMs: number;
}

const issueLeaf = async (issuer: Issuer, leaf: Leaf, nowMs: number): Promise<X509Certificate> =>
  X509CertificateGenerator.create({
    serialNumber: makeSerial(),
    subject: [{ CN: [leaf.commonName] }],
    issuer: issuer.certificate.subjectName,
    notBefore: seconds(nowMs - backdatedMs),
    notAfter: seconds(Math.min(leaf.endMs, issuer.certificate.notAfter.getTime())),
    ...{ publicKey: leaf.publicKey, signingKey: issuer.privateKey, signingAlgorithm },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(leaf.keyUsage, true),
      new ExtendedKeyUsageExtension([leaf.usage]),
      ...(leaf.names ? [new SubjectAlternativeNameExtension(leaf.names)] : []),
      await SubjectKeyIdentifierExtension.create(leaf.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  });

/** A unit's own: 90 days, client authentication, CN = unit id. */
export const issueClient = (
  issuer: Issuer,
  { unitId, publicKey }: { readonly unitId: string; readonly publicKey: PublicKey },
  nowMs: number,
): Promise<X509Certificate> =>
  issueLeaf(
    issuer,
    {
      ...{ commonName: unitId, publicKey, usage: ExtendedKeyUsage.clientAuth },
      ...{ keyUsage: KeyUsageFlags.digitalSignature, endMs: nowMs + clientLifeMs },
      names: [{ type: 'url', value: `urn:uuid:${unitId}` }],
    },
    nowMs,
  );

/** For the TLS listeners units dial: 30 days, all the names and addresses they may dial by. */
export const issueServer = async (
  issuer: Issuer,
  hosts: readonly string[],
  nowMs: number,
): Promise<KeyedCertificate> => {
  const keys = await makeKeys();
  const certificate = await issueLeaf(
    issuer,
    {
      ...{ commonName: 'HallHub unit gateway', publicKey: keys.publicKey, usage: ExtendedKeyUsage.serverAuth },
      ...{ keyUsage: KeyUsageFlags.digitalSignature, endMs: nowMs + serverLifeMs },
      names: hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host })),
    },
    nowMs,
  );
  return { certificate, privateKey: await exportKey(keys.privateKey) };
};

/** Signs documents for as long as its CA lasts; its key is never stored anywhere. */
export const issueSigner = async (issuer: Issuer, nowMs: number): Promise<KeyedCertificate> => {
  const keys = await makeKeys();
  const certificate = await issueLeaf(
    issuer,
    {
      ...{ commonName: 'HallHub documents', publicKey: keys.publicKey, usage: documentSigning },
      keyUsage: KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation,
      endMs: issuer.certificate.notAfter.getTime(),
    },
    nowMs,
  );
  return { certificate, privateKey: await exportKey(keys.privateKey) };
};

export const isDocumentSigner = (certificate: X509Certificate): boolean =>
  certificate.getExtension(ExtendedKeyUsageExtension)?.usages.includes(documentSigning) ?? false;

/** The key a request asks for. Errors: `invalid_input` for anything but ECDSA P-256 whose holder signed the request. */
export const readRequest = async (pem: string): Promise<{ publicKey: PublicKey; keyHash: Buffer }> => {
  const invalid = (cause?: unknown) =>
    new HubError(
      'invalid_input',
      'The certificate request is not a PKCS #10 of an ECDSA P-256 key, signed by that key',
      {
        cause,
      },
    );
  try {
    const request = new Pkcs10CertificateRequest(pem, { berOptions: { maxDepth: 32, maxNodes: 500 } });
    const { algorithm } = request.publicKey as { algorithm: { name?: string; namedCurve?: string } };
    if (algorithm.name !== keyAlgorithm.name || algorithm.namedCurve !== keyAlgorithm.namedCurve) throw invalid();
    if (!(await request.verify())) throw invalid();
    return { publicKey: request.publicKey, keyHash: sha256(request.publicKey.rawData) };
  } catch (error) {
    throw error instanceof HubError ? error : invalid(error);
  }
};

/** Was it issued by this CA? Dates are the caller's to judge. */
export const isIssuedBy = (certificate: X509Certificate, ca: X509Certificate): Promise<boolean> =>
  certificate.verify({ publicKey: ca.publicKey, signatureOnly: true }).catch(() => false);

export { PublicKey, X509Certificate };

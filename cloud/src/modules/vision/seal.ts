import { createHash, verify as verifySignature, X509Certificate } from 'node:crypto';

/** RFC 8785. The data are JSON already: numbers and texts are written as ECMAScript does, members in the order of their UTF-16 units. */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`);
  return `{${members.join(',')}}`;
};

/** docs/protocol.md 8.2: SM3 over the hash of the finding before, then the finding's data without their seal. 32 bytes. */
export const sealHash = (data: object, previous: string): Buffer => {
  const { seal: _seal, ...rest } = data as { seal?: unknown };
  return createHash('sm3').update(Buffer.from(previous, 'hex')).update(canonicalJson(rest)).digest();
};

/** ECDSA P-256 with SHA-256 over the hash's bytes, DER, base64. False too where the certificate or the signature is no such thing. */
export const isSealSigned = (hash: Buffer, signature: string, certificatePem: string): boolean => {
  try {
    const { publicKey } = new X509Certificate(certificatePem);
    return verifySignature('sha256', hash, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

import { createHash, verify as verifySignature, X509Certificate } from 'node:crypto';

export const sm3 = (bytes: Uint8Array): string => createHash('sm3').update(bytes).digest('hex');

/** ECDSA P-256 with SHA-256 over the hash's bytes, DER, base64. False too where the certificate or the signature is no such thing. */
export const isSealSigned = (hash: Uint8Array, signature: string, certificatePem: string): boolean => {
  try {
    const { publicKey } = new X509Certificate(certificatePem);
    return verifySignature('sha256', hash, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
};

import { createHash, X509Certificate } from 'node:crypto';

/** The certificates of a PEM text, one each, with a line feed at their end. */
export const splitPem = (text: string): string[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => `${one}\n`);

/** Epoch ms. */
export const certificateTimes = (certificate: X509Certificate): { issuedAt: number; endsAt: number } => ({
  issuedAt: Date.parse(certificate.validFrom),
  endsAt: Date.parse(certificate.validTo),
});

/** SHA-256 of the DER. */
export const fingerprintOf = (pem: string): Buffer =>
  createHash('sha256').update(new X509Certificate(pem).raw).digest();

/** `CN=…, O=…` in one line. */
export const nameOf = (pem: string): string => new X509Certificate(pem).subject.replaceAll('\n', ', ');

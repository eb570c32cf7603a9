import { X509Certificate } from 'node:crypto';
import type { Trust } from '@hallhub/shared/wire';
import { certificateTimes, fingerprintOf, nameOf } from './certificate-text.js';

export interface CaSummary {
  readonly name: string;
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
  readonly endsAt: number;
}

export const caSummaries = ({ certificates }: Trust): CaSummary[] =>
  certificates.map((pem) => ({
    name: nameOf(pem),
    fingerprint: fingerprintOf(pem).toString('hex'),
    endsAt: certificateTimes(new X509Certificate(pem)).endsAt,
  }));

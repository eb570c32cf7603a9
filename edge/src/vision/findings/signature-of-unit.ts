import { verify, X509Certificate } from 'node:crypto';
import type { UnitIdentity } from '../../identity/index.js';
import type { FindingBook } from './finding-book.js';

export interface SigningCertificate {
  readonly serial: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Whether the cloud's CAs vouch for it, for this very unit. */
  readonly isTrusted: boolean;
  /** Of 32 bytes. */
  readonly verifies: (hash: Uint8Array, signature: string) => boolean;
}

/** The certificate that a finding names: today's, or one that the unit had when it was signed. Undefined: it is not known here. */
export const signingCertificate = (
  { book, identity }: { readonly book: FindingBook; readonly identity: () => UnitIdentity | undefined },
  serial: string | null,
): SigningCertificate | undefined => {
  const unit = identity();
  if (serial === null) return undefined;
  const chain = read(book.certificate(serial)) ?? read(unit?.certificates);
  const [leaf] = chain ?? [];
  if (!chain || !leaf || leaf.serialNumber !== serial) return undefined;
  return {
    serial,
    from: Date.parse(leaf.validFrom),
    to: Date.parse(leaf.validTo),
    // The books are a file that can be written to: what lies in them proves nothing by itself.
    isTrusted:
      unit !== undefined && isOf(leaf, unit.unitId) && isVouchedFor(chain, read(unit.trust.certificates) ?? []),
    verifies: (hash, signature) => verify('sha256', hash, leaf.publicKey, Buffer.from(signature, 'base64')),
  };
};

const read = (chain: readonly string[] | undefined): X509Certificate[] | undefined => {
  try {
    return chain?.map((pem) => new X509Certificate(pem));
  } catch {
    return undefined;
  }
};

const isOf = ({ subject }: X509Certificate, unitId: string): boolean => subject.split('\n').includes(`CN=${unitId}`);

/** Each by the next, up to one of the CAs; dates do not matter: they were right when it signed, or the cloud would not have talked to it. */
const isVouchedFor = (chain: readonly X509Certificate[], cas: readonly X509Certificate[]): boolean => {
  const isBy = (one: X509Certificate, issuer: X509Certificate) =>
    issuer.ca && one.checkIssued(issuer) && one.verify(issuer.publicKey);
  for (const [i, one] of chain.entries()) {
    if (cas.some((ca) => isBy(one, ca))) return true;
    const next = chain[i + 1];
    if (!next || !isBy(one, next)) return false;
  }
  return false;
};

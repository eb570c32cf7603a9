import { canonicalJson } from '../proof/canonical-json.js';
import type { Finding, FindingSeal } from './events.js';

/** Hash functions and signatures are the platform's: this folder runs anywhere. */
export interface SealTools {
  /** SM3 of the bytes, hex. */
  readonly sm3: (bytes: Uint8Array) => string;
}

/** What comes before the first finding of a unit. */
export const firstSeal = '0'.repeat(64);

export const bytesOfHex = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(hex.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
};

/** SM3 over the 32 bytes of the hash before, then the canonical JSON of the finding without its seal, UTF-8. */
export const sealHash = (previous: string, finding: Omit<Finding, 'seal'>, { sm3 }: SealTools): string => {
  const { seal: _, ...unsealed } = finding as Finding;
  const json = new TextEncoder().encode(canonicalJson(unsealed));
  const before = bytesOfHex(previous);
  const all = new Uint8Array(before.length + json.length);
  all.set(before);
  all.set(json, before.length);
  return sm3(all);
};

export interface FindingCheck extends SealTools {
  /** ECDSA P-256 with SHA-256 over those bytes, DER, by the certificate of that serial number; undefined: it is not known. */
  readonly verify?: (hash: Uint8Array, signature: string, certificateSerial: string | null) => boolean | undefined;
  /** Hash of the finding before, where it is known; `firstSeal` for the first. */
  readonly previous?: string | undefined;
  /** Evidence that is at hand, by its id. */
  readonly files?: ReadonlyMap<string, { readonly sha256: string; readonly sm3: string }>;
}

export interface FindingVerdict {
  /** Nothing in it was changed since it was sealed. */
  readonly isUnchanged: boolean;
  /** `unsigned`: the unit had no key; `unknown`: its certificate is not at hand. */
  readonly signature: 'right' | 'wrong' | 'unsigned' | 'unknown';
  /** Null: the one before is not at hand. */
  readonly follows: boolean | null;
  readonly files: readonly { readonly id: string; readonly state: 'right' | 'changed' | 'absent' }[];
}

/** What a finding, its place in the chain and its files prove. Pure. */
export const checkFinding = (finding: Finding, check: FindingCheck): FindingVerdict => {
  const { seal, evidence } = finding;
  const isUnchanged = sealHash(seal.previous, finding, check) === seal.hash;
  const files = evidence.map(({ id, sha256, sm3 }) => {
    const file = check.files?.get(id);
    if (!file) return { id, state: 'absent' as const };
    return { id, state: file.sha256 === sha256 && file.sm3 === sm3 ? ('right' as const) : ('changed' as const) };
  });
  const follows = check.previous === undefined ? null : check.previous === seal.previous;
  return { isUnchanged, signature: signatureOf(seal, check), follows, files };
};

const signatureOf = (
  { hash, signature, certificateSerial }: FindingSeal,
  { verify }: FindingCheck,
): FindingVerdict['signature'] => {
  if (signature === null) return 'unsigned';
  const isRight = verify?.(bytesOfHex(hash), signature, certificateSerial);
  return isRight === undefined ? 'unknown' : isRight ? 'right' : 'wrong';
};

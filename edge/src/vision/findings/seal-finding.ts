import { X509Certificate } from 'node:crypto';
import { type Finding, sealHash } from '@hallhub/shared/vision';
import type { UnitIdentity } from '../../identity/index.js';
import { sm3 } from '../evidence/hashes.js';

/** docs/protocol.md 8.2; `serial` as `certificateSerial` has it, with the chain that proves it. */
export interface Sealed {
  readonly finding: Finding;
  readonly certificate: { readonly serial: string; readonly chain: readonly string[] } | undefined;
}

/** Behind the finding before; signed where the unit has a key. */
export const sealFinding = (
  previous: string,
  data: Omit<Finding, 'seal'>,
  identity: UnitIdentity | undefined,
): Sealed => {
  const hash = sealHash(previous, data, { sm3 });
  const [leaf] = identity?.certificates ?? [];
  const serial = leaf ? new X509Certificate(leaf).serialNumber : null;
  const signature = identity ? identity.sign(Buffer.from(hash, 'hex')).toString('base64') : null;
  return {
    finding: { ...data, seal: { previous, hash, signature, certificateSerial: serial } },
    certificate: serial === null ? undefined : { serial, chain: identity?.certificates ?? [] },
  };
};

import { createHmac, timingSafeEqual } from 'node:crypto';
import { type BatchHeader, gapSigningText } from '@hallhub/shared/wire';

/**
 * Checks a gap batch's signature with the hash of the unit's secret. HMAC replaces a key longer than its block (64 bytes) by the
 * key's SHA-256 (RFC 2104 §2), and secrets are longer than that: so the cloud can verify without ever keeping the secret.
 */
export const isGapSigned = (unitId: string, header: BatchHeader, secretHash: Uint8Array): boolean => {
  const { gap } = header;
  if (!gap) return false;
  const text = gapSigningText(unitId, {
    lane: header.lane,
    epoch: header.epoch,
    firstSeq: header.firstSeq,
    toSeq: gap.toSeq,
    reason: gap.reason,
    chain: header.chain,
  });
  const expected = createHmac('sha256', secretHash).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(gap.signature, 'hex'));
};

import * as crypto from 'node:crypto';
import { chainSeedText, gapSigningText, type Lane } from '@hallhub/shared/wire';

/** docs/protocol.md: chain(0) of a stream. */
export const chainSeed = (unitId: string, lane: Lane, epoch: string): Buffer =>
  crypto
    .createHash('sha256')
    .update(chainSeedText(unitId, lane, epoch))
    .digest();

/** chain(n) = SHA-256(chain(n-1) ‖ row n). */
export const nextChain = (previous: Uint8Array, row: Uint8Array): Buffer =>
  crypto.createHash('sha256').update(previous).update(row).digest();

export const newEpoch = (): string => crypto.randomBytes(8).toString('hex');

export interface GapToSign {
  readonly lane: Lane;
  readonly epoch: string;
  readonly firstSeq: number;
  readonly toSeq: number;
  readonly reason: string;
  /** Hex, at `toSeq`. */
  readonly chain: string;
}

/** docs/protocol.md 1.2: HMAC-SHA-256 with the unit's secret, hex. */
export const signGap = (secret: string, unitId: string, gap: GapToSign): string =>
  crypto.createHmac('sha256', secret).update(gapSigningText(unitId, gap)).digest('hex');

import { createHash, hash } from 'node:crypto';
import { chainSeedText, type Lane } from '@hallhub/shared/wire';

const digestBytes = 32;

/** chain(0) of a stream (docs/protocol.md, first table). */
export const seedChain = (unitId: string, lane: Lane, epoch: string): Buffer =>
  createHash('sha256')
    .update(chainSeedText(unitId, lane, epoch))
    .digest();

/**
 * What a closed epoch is answered with: no stream has this chain, so the unit opens a new epoch (docs/protocol.md 1.1).
 */
export const closedChain = Buffer.alloc(digestBytes);

/** chain(n) = SHA-256(chain(n-1) ‖ row n) for each row; the array holds the chain after each. */
export const chainRows = (previous: Uint8Array, rows: readonly Uint8Array[]): Buffer[] => {
  let longest = 0;
  for (const row of rows) longest = Math.max(longest, row.length);
  const scratch = Buffer.allocUnsafe(digestBytes + longest);
  scratch.set(previous, 0);
  return rows.map((row) => {
    scratch.set(row, digestBytes);
    // One-shot: half the cost of a Hash object for lines this short.
    const chain = hash('sha256', scratch.subarray(0, digestBytes + row.length), 'buffer');
    scratch.set(chain, 0);
    return chain;
  });
};

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const secretBytes = 54;

/**
 * A new unit secret: 72 characters of base64url. Longer than 64 so that its SHA-256 is enough to verify the unit's HMACs
 * (see streams/gap-signature.ts), and random enough that no slow hash is needed.
 */
export const makeUnitSecret = (): string => randomBytes(secretBytes).toString('base64url');

export const hashUnitSecret = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

export const isUnitSecret = (secret: string, secretHash: Uint8Array): boolean =>
  timingSafeEqual(hashUnitSecret(secret), secretHash);

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 random bits as text: a plain hash of it cannot be guessed back. */
export const makeSecret = (): string => randomBytes(32).toString('base64url');

export const hashSecret = (secret: string | Uint8Array): Buffer => createHash('sha256').update(secret).digest();

/** In constant time, whatever the lengths. */
export const fitsHash = (secret: string | Uint8Array, hash: Uint8Array): boolean => {
  const given = hashSecret(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
};

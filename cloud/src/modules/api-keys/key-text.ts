import { createHash, randomInt } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const random = (length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)] ?? '').join('');

/** `hk_` + 8 shown for ever + `_` + 32 that are shown once: 190 random bits. One word for a double click, found by secret scanners. */
const pattern = /^hk_([A-Za-z0-9]{8})_[A-Za-z0-9]{32}$/;

export interface MadeKey {
  readonly key: string;
  readonly prefix: string;
  readonly hash: Buffer;
}

/** Random enough that one round of SHA-256 hides it: there is nothing to guess from. */
export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest();

export const makeKey = (): MadeKey => {
  const prefix = `hk_${random(8)}`;
  const key = `${prefix}_${random(32)}`;
  return { key, prefix, hash: hashKey(key) };
};

/** The key in `Authorization: Bearer hk_…`; null where the header holds no key of ours, `malformed` where it holds a broken one. */
export const bearerKey = (authorization: string | null): string | 'malformed' | null => {
  const token = /^Bearer +(hk_\S*)$/i.exec(authorization?.trim() ?? '')?.[1];
  if (token === undefined) return null;
  return pattern.test(token) ? token : 'malformed';
};

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IdentityKeys } from './identity-keys.js';

const nonceBytes = 16;
const markBytes = 16;
const entryLength = Math.ceil(((nonceBytes + markBytes) * 4) / 3);
/** People of one shared browser who are remembered; the one seen longest ago goes first. */
export const maxEntries = 16;

/** Whom a browser may be known for. A new password (`credential`: the stored hash, if any) makes it unknown again. */
export interface KnownPerson {
  readonly userId: string;
  readonly credential: string | null;
}

const entriesOf = (cookie: string | undefined): string[] =>
  (cookie ?? '')
    .split('.')
    .filter((entry) => entry.length === entryLength)
    .slice(0, maxEntries);

const markOf = (keys: IdentityKeys, nonce: Buffer, { userId, credential }: KnownPerson): Buffer =>
  keys.hash('browser', `${nonce.toString('hex')}\0${userId}\0${credential ?? ''}`).subarray(0, markBytes);

/** The entry of that person, if the browser has one. */
const findEntry = (keys: IdentityKeys, cookie: string | undefined, person: KnownPerson): string | undefined =>
  entriesOf(cookie).find((entry) => {
    const bytes = Buffer.from(entry, 'base64url');
    if (bytes.length !== nonceBytes + markBytes) return false;
    return timingSafeEqual(bytes.subarray(nonceBytes), markOf(keys, bytes.subarray(0, nonceBytes), person));
  });

/**
 * Which browser this is, for a person who signed in with it before; null: a stranger's. A cookie opens nothing: it gives
 * its holder a counter of failures of their own, that strangers who guess cannot use up (OWASP: device cookies).
 */
export const recogniseBrowser = (
  keys: IdentityKeys,
  cookie: string | undefined,
  person: KnownPerson,
): Buffer | null => {
  const entry = findEntry(keys, cookie, person);
  return entry === undefined ? null : Buffer.from(entry, 'base64url').subarray(0, nonceBytes);
};

/** The cookie after a sign-in: that person's entry first. A browser that is known keeps its entry, so its counter too. */
export const rememberBrowser = (keys: IdentityKeys, cookie: string | undefined, person: KnownPerson): string => {
  const known = findEntry(keys, cookie, person);
  const nonce = randomBytes(nonceBytes);
  const entry = known ?? Buffer.concat([nonce, markOf(keys, nonce, person)]).toString('base64url');
  return [entry, ...entriesOf(cookie).filter((one) => one !== entry)].slice(0, maxEntries).join('.');
};

import type { X509Certificate } from 'node:crypto';
import type { Trust } from '@hallhub/shared/wire';
import { readCas } from '../identity/check-trust.js';

/**
 * How a list that was carried here stands to the one in force. A list has no date of its own, and a genuine old one must not bring a retired CA back: newer is
 * what knows a newer CA, or what lacks one of those known here. Throws `configuration` for what is no list of CAs.
 */
export const compareTrust = (carried: Trust, present: Trust): 'same' | 'newer' | 'older' => {
  const [theirs, ours] = [readCas(carried), readCas(present)];
  const has = (list: readonly X509Certificate[], one: X509Certificate) =>
    list.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256);
  const isWithinOurs = theirs.every((one) => has(ours, one));
  const isWithinTheirs = ours.every((one) => has(theirs, one));
  if (isWithinOurs && isWithinTheirs) return 'same';
  const [theirNewest, ourNewest] = [newestOf(theirs), newestOf(ours)];
  if (theirNewest !== ourNewest) return theirNewest > ourNewest ? 'newer' : 'older';
  return isWithinOurs ? 'newer' : 'older';
};

const newestOf = (cas: readonly X509Certificate[]): number =>
  Math.max(...cas.map(({ validFrom }) => Date.parse(validFrom)));

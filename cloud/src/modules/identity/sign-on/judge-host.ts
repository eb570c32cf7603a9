import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isAllowedAddress, isPrivateAddress } from './guarded-fetch.js';

/** host: there is none; address: a private network, or one that is never called; plain: a public one, and without TLS. */
export type JudgedHost = { readonly address: string } | { readonly refused: 'host' | 'address' | 'plain' };

/**
 * Of a mail server that an administrator typed, the address to connect to: judged once and then used as it is, so that a name that
 * changes its answer gains nothing. Without TLS passwords and letters go on private networks only.
 */
export const judgeHost = async (
  host: string,
  { allowPrivate, isPlain }: { readonly allowPrivate: boolean; readonly isPlain: boolean },
): Promise<JudgedHost> => {
  const found = isIP(host) === 0 ? await lookup(host, { all: true }).catch(() => []) : [{ address: host }];
  const [first] = found;
  if (!first) return { refused: 'host' };
  if (!found.every(({ address }) => isAllowedAddress(address, allowPrivate))) return { refused: 'address' };
  if (isPlain && !found.every(({ address }) => isPrivateAddress(address))) return { refused: 'plain' };
  return { address: first.address };
};

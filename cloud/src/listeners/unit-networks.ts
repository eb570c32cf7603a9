import { BlockList, isIP } from 'node:net';
import { HubError } from '@hallhub/shared';

/** Which addresses units may come from. */
export interface UnitNetworks {
  allows(address: string | undefined): boolean;
}

/** A socket's address without IPv6's way of writing an IPv4 one. */
export const plainAddress = (address: string | undefined): string => address?.replace(/^::ffff:(?=\d+\.)/, '') ?? '';

/** What limits count by: an IPv4 address, or the 64 bits of an IPv6 one that a subscriber is given. */
export const addressKey = (address: string | undefined): string => {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail = ''] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === '' ? [] : tail.split(':');
  const missing = plain.includes('::') ? 8 - groups.length - last.length : 0;
  return `${[...groups, ...Array<string>(missing).fill('0'), ...last].slice(0, 4).join(':')}::/64`;
};

/** From `10.20.0.0/16, 2001:db8::/32, 192.0.2.7`. Errors: `configuration`, naming the part that is wrong. */
export const parseUnitNetworks = (text: string): UnitNetworks => {
  const list = new BlockList();
  const parts = text.split(',').map((part) => part.trim());
  for (const part of parts.filter((part) => part !== '')) {
    const [address = '', prefix] = part.split('/');
    const version = isIP(address);
    const bits = version === 6 ? 128 : 32;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (version === 0 || !(length >= 0 && length <= bits)) {
      throw new HubError('configuration', `HALLHUB_UNIT_NETWORKS: ${part} is no network`, {
        hint: 'Give networks and addresses with commas between them: 10.20.0.0/16, 192.0.2.7',
      });
    }
    list.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4');
  }
  return {
    allows: (address) => {
      const plain = plainAddress(address);
      const version = isIP(plain);
      return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4');
    },
  };
};

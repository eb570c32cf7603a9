import { BlockList, isIP } from 'node:net';

/** `10.0.0.0/8`, `2001:db8::/32` or one address. Null where it is none of these. */
const parseRange = (text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null => {
  const [address = '', bitsText, ...rest] = text.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || rest.length > 0 || (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText))) return null;
  const bits = bitsText === undefined ? most : Number(bitsText);
  return bits > most ? null : { address, bits, family: family === 4 ? 'ipv4' : 'ipv6' };
};

export const isAddressRange = (text: string): boolean => parseRange(text) !== null;

/** Is the caller within one of the ranges? No ranges: everybody is; an unknown address is in none. */
export const isWithin = (address: string | null, ranges: readonly string[]): boolean => {
  if (ranges.length === 0) return true;
  const family = address === null ? 0 : isIP(address);
  if (address === null || family === 0) return false;
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range) list.addSubnet(range.address, range.bits, range.family);
  }
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
};

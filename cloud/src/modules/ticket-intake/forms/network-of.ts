import { isIP } from 'node:net';

/** What counts as one asker: a v4 address' /24, a v6 address' /56. Nobody gets further by changing the last digits. */
export const networkOf = (ip: string | null): string => {
  if (ip === null) return 'unknown';
  const version = isIP(ip);
  if (version === 4) return `${ip.split('.').slice(0, 3).join('.')}.0/24`;
  if (version !== 6) return 'unknown';
  const [head = '', tail = ''] = ip.toLowerCase().replace(/%.*$/, '').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  const groups = [...left, ...middle, ...right].slice(0, 4).map((group) => group.padStart(4, '0'));
  return `${groups.join('').slice(0, 14)}/56`;
};

import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';

/** Without letters and digits that look alike when they are read out. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** Eight of 31: 40 bits. */
export const makePin = (): string =>
  Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)] ?? 'A').join('');

/** The same for the same key, for nobody without the installation's secret: whoever asks again about one sending gets one PIN. */
export const pinOf = (sealing: Sealing, key: string): string => {
  const mac = createHmac('sha256', sealing.derive('ticket form pin', 32)).update(key).digest('hex');
  let rest = BigInt(`0x${mac}`);
  return Array.from({ length: 8 }, () => {
    const letter = alphabet[Number(rest % BigInt(alphabet.length))] ?? 'A';
    rest /= BigInt(alphabet.length);
    return letter;
  }).join('');
};

export const hashPin = (sealing: Sealing, ticketId: string, pin: string): Buffer =>
  createHmac('sha256', sealing.derive('ticket pin', 32))
    .update(`${ticketId}\0${pin.trim().toUpperCase().replace(/[\s-]/g, '')}`)
    .digest();

export const isSamePin = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

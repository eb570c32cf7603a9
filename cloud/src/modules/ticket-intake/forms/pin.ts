import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';

/** Without letters and digits that look alike when they are read out. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** Eight of 31: 40 bits. */
export const makePin = (): string =>
  Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)] ?? 'A').join('');

export const hashPin = (sealing: Sealing, ticketId: string, pin: string): Buffer =>
  createHmac('sha256', sealing.derive('ticket pin', 32))
    .update(`${ticketId}\0${pin.trim().toUpperCase().replace(/[\s-]/g, '')}`)
    .digest();

export const isSamePin = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';

/** Without letters and digits that look alike when they are read out. */
const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** Eight of 31: 40 bits, for which five tries an hour are allowed. */
export const makePin = (): string =>
  Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)] ?? 'A').join('');

export const hashPin = (sealing: Sealing, ticketId: string, pin: string): Buffer =>
  createHmac('sha256', sealing.derive('ticket pin', 32))
    .update(`${ticketId}\0${pin.trim().toUpperCase().replace(/[\s-]/g, '')}`)
    .digest();

const linkPinLength = 16;

/** What a message’s link to the ticket bears instead of the PIN, which nobody keeps: 79 bits, always the same for a ticket. */
export const linkPin = (sealing: Sealing, ticketId: string): string => {
  const mac = createHmac('sha256', sealing.derive('ticket link', 32)).update(ticketId).digest();
  return Array.from({ length: linkPinLength }, (_, i) => alphabet[mac.readUInt16BE(i * 2) % alphabet.length]).join('');
};

export const isLinkPin = (sealing: Sealing, ticketId: string, pin: string): boolean =>
  pin.length === linkPinLength && isSamePin(Buffer.from(linkPin(sealing, ticketId)), Buffer.from(pin));

export const isSamePin = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

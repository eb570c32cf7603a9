import { createHmac } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';

const contextOf = (userId: string) => `user_contacts:${userId}`;

export const sealPhone = (sealing: Sealing, userId: string, phone: string): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(phone), contextOf(userId)));

export const openPhone = (sealing: Sealing, userId: string, sealed: Uint8Array): string =>
  Buffer.from(sealing.unseal(sealed, contextOf(userId))).toString();

/** By which an address, or a number, is known again and nobody is reached. */
export const addressHash = (sealing: Sealing, tenantId: string, address: string): Buffer => {
  const plain = address.includes('@') ? address.toLowerCase() : address.replace(/^\+86/, '').replace(/\D/g, '');
  return createHmac('sha256', sealing.derive('notice optout', 32)).update(`${tenantId}\0${plain}`).digest();
};

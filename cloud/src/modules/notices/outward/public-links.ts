import { createHmac, timingSafeEqual } from 'node:crypto';
import { uuidPattern } from '@hallhub/shared';
import type { Sealing } from '../../pki/sealing.js';
import { progressLink } from '../../ticket-intake/forms/progress-pass.js';
import type { DeliveryRow } from '../tables.js';
import type { OutwardDeps } from './outward-deps.js';

const macOf = (sealing: Sealing, userId: string): string =>
  createHmac('sha256', sealing.derive('notice unsubscribe', 32)).update(userId).digest('base64url').slice(0, 24);

const under = (base: string, path: string): string => `${base.replace(/\/+$/, '')}${path}`;

/** Ends a person’s mails with one click, signed in or not. */
export const unsubscribeLink = ({ publicUrl, sealing }: OutwardDeps, userId: string): string | null =>
  publicUrl === null ? null : under(publicUrl, `/unsubscribe/${userId}.${macOf(sealing, userId)}`);

/** Whose link it is; undefined where nobody made it. */
export const readUnsubscribe = (sealing: Sealing, token: string): string | undefined => {
  const [userId = '', mac = ''] = token.split('.');
  if (!uuidPattern.test(userId)) return undefined;
  const [given, right] = [Buffer.from(mac), Buffer.from(macOf(sealing, userId))];
  return given.length === right.length && timingSafeEqual(given, right) ? userId : undefined;
};

/** Where the notice leads: people to the ticket in the console, requesters to the page that needs no account. */
export const ticketLink = ({ publicUrl, sealing, clock }: OutwardDeps, row: DeliveryRow): string | null => {
  const { ticketId } = row;
  if (publicUrl === null || ticketId === null) return null;
  const isRequester = row.addressee === 'requester';
  return under(
    publicUrl,
    isRequester ? progressLink(sealing, { ticketId, nowMs: clock.now() }) : `/tickets/${ticketId}`,
  );
};

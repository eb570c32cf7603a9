import { timingSafeEqual } from 'node:crypto';
import { uuidPattern } from '@hallhub/shared';
import type { Sealing } from '../../pki/sealing.js';

/** Nobody makes it of a delivery's id alone, which stands in lists: whoever quotes the Message-ID has seen the mail. */
const proofOf = (sealing: Sealing, deliveryId: string): string =>
  sealing.derive(`notice message ${deliveryId}`, 4).toString('hex');

/** The same for a delivery however often it is tried: what got through twice is seen to be one. With its angle brackets. */
export const messageIdOf = (sealing: Sealing, deliveryId: string, from: string): string =>
  `<${deliveryId}.${proofOf(sealing, deliveryId)}@${from.slice(from.lastIndexOf('@') + 1)}>`;

/** Of which mail of ours a Message-ID is, with its angle brackets; undefined: of none. */
export const deliveryOf = (sealing: Sealing, messageId: string): string | undefined => {
  const [, id = '', proof = ''] = /^<([^.@]+)\.([0-9a-f]{8})@/.exec(messageId.toLowerCase()) ?? [];
  if (!uuidPattern.test(id)) return undefined;
  return timingSafeEqual(Buffer.from(proof), Buffer.from(proofOf(sealing, id))) ? id : undefined;
};

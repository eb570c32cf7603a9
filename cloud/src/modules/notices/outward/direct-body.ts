import type { Sealing } from '../../pki/sealing.js';

/** What goes to an address or number that stands nowhere else. */
export interface DirectBody {
  readonly to: string;
  /** E-mail only. */
  readonly subject?: string;
  readonly text: string;
  readonly inReplyTo?: string;
}

const contextOf = (deliveryId: string) => `notice_deliveries:${deliveryId}`;

export const sealDirect = (sealing: Sealing, deliveryId: string, body: DirectBody): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(JSON.stringify(body)), contextOf(deliveryId)));

export const openDirect = (sealing: Sealing, deliveryId: string, sealed: Uint8Array): DirectBody =>
  JSON.parse(Buffer.from(sealing.unseal(sealed, contextOf(deliveryId))).toString()) as DirectBody;

import type { Sealing } from '../../pki/sealing.js';

const contextOf = (id: string) => `exchange_messages:${id}`;

/** Bodies of messages hold requesters’ names and numbers: they lie sealed. */
export const sealBody = (sealing: Sealing, id: string, body: string): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(body), contextOf(id)));

export const openBody = (sealing: Sealing, id: string, sealed: Uint8Array): string =>
  Buffer.from(sealing.unseal(sealed, contextOf(id))).toString();

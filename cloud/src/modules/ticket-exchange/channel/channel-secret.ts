import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';
import type { ChannelRow } from '../tables.js';

const contextOf = (channelId: string, keyId: string) => `exchange_channels:${channelId}:${keyId}`;

export interface MadeSecret {
  readonly keyId: string;
  /** 256 bits, base64url; shown once. */
  readonly secret: string;
}

export const makeSecret = (): MadeSecret => ({
  keyId: `ek_${randomBytes(6).toString('hex')}`,
  secret: randomBytes(32).toString('base64url'),
});

export const sealSecret = (sealing: Sealing, channelId: string, { keyId, secret }: MadeSecret): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(secret), contextOf(channelId, keyId)));

/** The secret of a key that is good now; undefined where it is none of the channel’s. */
export const secretOf = (sealing: Sealing, channel: ChannelRow, keyId: string, nowMs: number): string | undefined => {
  const open = (sealed: Buffer) => Buffer.from(sealing.unseal(sealed, contextOf(channel.id, keyId))).toString();
  if (keyId === channel.keyId) return open(channel.secret);
  const isOld = keyId === channel.oldKeyId && channel.oldSecret && (channel.oldUntil?.getTime() ?? 0) > nowMs;
  return isOld && channel.oldSecret ? open(channel.oldSecret) : undefined;
};

export const sha256Hex = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const hmacHex = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');

/** In constant time; false for anything that is no 64 hex digits. */
export const isSignature = (secret: string, text: string, given: string | null | undefined): boolean => {
  if (!given || !/^[0-9a-f]{64}$/i.test(given)) return false;
  return timingSafeEqual(Buffer.from(hmacHex(secret, text), 'hex'), Buffer.from(given, 'hex'));
};

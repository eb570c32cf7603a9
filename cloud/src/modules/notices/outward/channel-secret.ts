import { randomBytes } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';
import type { NoticeChannelRow } from '../tables.js';

const contextOf = (channelId: string) => `notice_channels:${channelId}`;

/** Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export const makeSigningSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

export const sealSecret = (sealing: Sealing, channelId: string, secret: string): Buffer =>
  Buffer.from(sealing.seal(Buffer.from(secret), contextOf(channelId)));

const open = (sealing: Sealing, channelId: string, sealed: Buffer): string =>
  Buffer.from(sealing.unseal(sealed, contextOf(channelId))).toString();

export const mailPassword = (sealing: Sealing, { id, secret }: NoticeChannelRow): string | null =>
  secret ? open(sealing, id, secret) : null;

/** Those that sign now, the newest first. */
export const signingSecrets = (sealing: Sealing, row: NoticeChannelRow, nowMs: number): readonly string[] => {
  const isOldGood = row.oldSecret !== null && (row.oldUntil?.getTime() ?? 0) > nowMs;
  return [row.secret, isOldGood ? row.oldSecret : null].flatMap((sealed) =>
    sealed ? [open(sealing, row.id, sealed)] : [],
  );
};

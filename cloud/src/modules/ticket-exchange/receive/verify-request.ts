import { exchangeClockMs, exchangeHeaders, exchangeNoncePattern, exchangeRequestText } from '@hallhub/shared/exchange';
import { withTenant } from '../../../db/index.js';
import { isSignature, secretOf } from '../channel/channel-secret.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import type { ChannelRow } from '../tables.js';
import { Refused } from './refused.js';

export interface PeerRequest {
  readonly method: string;
  /** With its query, as it came. */
  readonly path: string;
  readonly headers: Pick<Headers, 'get'>;
  /** Of the body as it came, hex. */
  readonly bodySha256: string;
}

export interface Verified {
  readonly nonce: string;
  readonly secret: string;
}

/** Before a byte of the body is read: who does not even name a key of the channel has nothing to say. */
export const namesKey = (deps: ExchangeDeps, channel: ChannelRow, headers: Pick<Headers, 'get'>): boolean => {
  const keyId = headers.get(exchangeHeaders.key) ?? '';
  const isOld = keyId === channel.oldKeyId && (channel.oldUntil?.getTime() ?? 0) > deps.clock.now();
  return keyId === channel.keyId || isOld;
};

/**
 * Whether the channel’s own key signed this, now, and never before. The signature is looked at first: who has no key
 * learns nothing else. Throws `Refused` (`signature`, `clock`, `replay`).
 */
export const verifyRequest = async (
  deps: ExchangeDeps,
  channel: ChannelRow,
  request: PeerRequest,
): Promise<Verified> => {
  const { headers } = request;
  const nowMs = deps.clock.now();
  const [keyId, timestamp, nonce] = [exchangeHeaders.key, exchangeHeaders.timestamp, exchangeHeaders.nonce].map(
    (name) => headers.get(name) ?? '',
  ) as [string, string, string];
  const secret = secretOf(deps.sealing, channel, keyId, nowMs);
  const text = exchangeRequestText({
    ...{ method: request.method, path: request.path, timestamp, nonce },
    bodySha256: request.bodySha256,
  });
  if (secret === undefined || !isSignature(secret, text, headers.get(exchangeHeaders.signature))) {
    throw new Refused('signature', 'The request is not signed with a key of this channel');
  }
  const verified = { nonce, secret };
  if (!/^\d{1,16}$/.test(timestamp) || Math.abs(Number(timestamp) - nowMs) > exchangeClockMs) {
    throw new RefusedKnown('clock', 'The timestamp is more than five minutes away', { serverTime: nowMs }, verified);
  }
  if (!exchangeNoncePattern.test(nonce)) {
    throw new RefusedKnown('replay', 'The nonce is not 16 to 64 letters, digits, _ and -', {}, verified);
  }
  const isNew = await withTenant(deps.database, channel, async (tx) => {
    const { rowCount } = await tx.$client.query(
      'INSERT INTO exchange_nonces (tenant_id, channel_id, nonce, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [channel.tenantId, channel.id, nonce, new Date(nowMs)],
    );
    return rowCount === 1;
  });
  if (!isNew) throw new RefusedKnown('replay', 'This nonce was used before', {}, verified);
  return verified;
};

/** Refused, but to somebody who holds the key: the answer is signed, so that they may go by it. */
export class RefusedKnown extends Refused {
  constructor(
    code: Refused['code'],
    detail: string,
    more: Refused['more'],
    readonly to: Verified,
  ) {
    super(code, detail, more);
  }
}

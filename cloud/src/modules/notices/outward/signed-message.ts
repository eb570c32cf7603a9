import { createHmac, timingSafeEqual } from 'node:crypto';

/** Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (s), `webhook-signature` (`v1,` and base64, one of each secret). */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

const signatureOf = (secret: string, id: string, timestamp: string, body: string): string =>
  createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');

export const signMessage = (
  secrets: readonly string[],
  { id, atMs, body }: { readonly id: string; readonly atMs: number; readonly body: string },
): SignedHeaders => {
  const timestamp = String(Math.floor(atMs / 1_000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${signatureOf(secret, id, timestamp, body)}`).join(' '),
  };
};

/** Five minutes either way, as the specification advises. */
const toleranceMs = 5 * 60_000;

/** Why a message is not from whom it says; undefined: it is. */
export const faultOfSigned = (
  secrets: readonly string[],
  { headers, body, nowMs }: { readonly headers: Headers; readonly body: string; readonly nowMs: number },
): 'unsigned' | 'clock' | 'signature' | undefined => {
  const [id, timestamp, given] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`));
  if (!id || !timestamp || !given || !/^\d{1,12}$/.test(timestamp) || id.length > 200) return 'unsigned';
  const signed = given
    .split(' ')
    .slice(0, 10)
    .flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []));
  const isRight = secrets.some((secret) => {
    const expected = Buffer.from(signatureOf(secret, id, timestamp, body));
    return signed.some((one) => {
      const theirs = Buffer.from(one);
      return theirs.length === expected.length && timingSafeEqual(theirs, expected);
    });
  });
  if (!isRight) return 'signature';
  return Math.abs(nowMs - Number(timestamp) * 1_000) > toleranceMs ? 'clock' : undefined;
};

import { createHmac, timingSafeEqual } from 'node:crypto';

/** Standard Webhooks, written from its specification alone: nothing here is shared with the hub. */
const signature = (secret: string, id: string, timestamp: string, body: string): string =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64')}`;

export const signed = (secret: string, id: string, body: string): Record<string, string> => {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  return {
    ...{ 'webhook-id': id, 'webhook-timestamp': timestamp },
    'webhook-signature': signature(secret, id, timestamp, body),
  };
};

export const isSigned = (
  secret: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): boolean => {
  const [id, timestamp, given] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`] ?? ''),
  );
  const expected = Buffer.from(signature(secret, id ?? '', timestamp ?? '', body));
  return (given ?? '').split(' ').some((one) => {
    const theirs = Buffer.from(one);
    return theirs.length === expected.length && timingSafeEqual(theirs, expected);
  });
};

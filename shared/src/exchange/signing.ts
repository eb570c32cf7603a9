/** Headers of a signed request; the answer carries the signature alone. */
export const exchangeHeaders = {
  key: 'x-exchange-key',
  timestamp: 'x-exchange-timestamp',
  nonce: 'x-exchange-nonce',
  signature: 'x-exchange-signature',
} as const;

/** How far the clocks of the two may be apart. */
export const exchangeClockMs = 5 * 60_000;
export const exchangeNoncePattern = /^[A-Za-z0-9_-]{16,64}$/;

/** What the request’s HMAC-SHA256 goes over; `path` with its query, as it stands in the request line. */
export const exchangeRequestText = (of: {
  readonly method: string;
  readonly path: string;
  /** Epoch ms. */
  readonly timestamp: string;
  readonly nonce: string;
  /** SHA-256 of the body, hex; of an empty one too. */
  readonly bodySha256: string;
}): string => ['exchange-v1', of.method.toUpperCase(), of.path, of.timestamp, of.nonce, of.bodySha256].join('\n');

/** What the answer’s goes over: bound to the request by its nonce. */
export const exchangeAnswerText = (of: {
  readonly status: number;
  readonly nonce: string;
  readonly bodySha256: string;
}): string => ['exchange-v1', 'answer', String(of.status), of.nonce, of.bodySha256].join('\n');

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Written from docs/protocol.md 9 alone, as another house would: nothing here is shared with the hub. */
export interface SigningKey {
  readonly keyId: string;
  readonly secret: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex');

export interface SignedHeaders extends Record<string, string> {
  'x-exchange-nonce': string;
}

export const signRequest = (
  key: SigningKey,
  of: { readonly method: string; readonly path: string; readonly body: string; readonly atMs: number },
): SignedHeaders => {
  const nonce = randomBytes(16).toString('hex');
  const text = ['exchange-v1', of.method, of.path, String(of.atMs), nonce, sha256(of.body)].join('\n');
  return {
    'x-exchange-key': key.keyId,
    'x-exchange-timestamp': String(of.atMs),
    'x-exchange-nonce': nonce,
    'x-exchange-signature': hmac(key.secret, text),
  };
};

const isEqual = (a: string, b: string | undefined): boolean =>
  b !== undefined && a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export const isSignedRequest = (
  key: SigningKey,
  of: { readonly method: string; readonly path: string; readonly body: string; readonly headers: Headers },
): boolean => {
  const header = (name: string) => String(of.headers[`x-exchange-${name}`] ?? '');
  const text = ['exchange-v1', of.method, of.path, header('timestamp'), header('nonce'), sha256(of.body)].join('\n');
  return header('key') === key.keyId && isEqual(hmac(key.secret, text), header('signature'));
};

export const signAnswer = (key: SigningKey, status: number, nonce: string, body: string): string =>
  hmac(key.secret, ['exchange-v1', 'answer', String(status), nonce, sha256(body)].join('\n'));

export const isSignedAnswer = (
  key: SigningKey,
  of: {
    readonly status: number;
    readonly nonce: string;
    readonly body: string;
    readonly signature: string | undefined;
  },
): boolean => isEqual(signAnswer(key, of.status, of.nonce, of.body), of.signature);

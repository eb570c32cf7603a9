import { request as httpRequest } from 'node:http';
import { isSignedAnswer, type SigningKey, signRequest } from './sign.js';

/** Where the hub is, as it told the platform’s administrator. */
export interface HubAddress extends SigningKey {
  /** `http://127.0.0.1:8080/exchange/v1/<channel>` */
  readonly url: string;
}

export interface Sending {
  readonly isForged?: boolean;
  /** Breaks off half way. */
  readonly isCut?: boolean;
  /** What the hub answers is never read. */
  readonly isUnread?: boolean;
}

export interface Answered {
  readonly status: number;
  readonly json:
    | {
        readonly result?: string;
        readonly code?: string;
        readonly number?: string | null;
        readonly serverTime?: number;
      }
    | undefined;
}

interface Call {
  readonly method: string;
  /** Below the hub’s address. */
  readonly path: string;
  readonly body: string;
  /** Epoch ms, as the platform’s clock has it. */
  readonly atMs: number;
  readonly how: Sending;
}

/** One signed call. No answer, or one that the hub did not sign, is none. */
export const callHub = (hub: HubAddress, { method, path, body, atMs, how }: Call): Promise<Answered> => {
  const url = new URL(hub.url + path);
  const signed = signRequest(hub, { method, path: url.pathname + url.search, body, atMs });
  const headers: Record<string, string> = { ...signed, 'content-type': 'application/json' };
  if (how.isForged) headers['x-exchange-signature'] = '0'.repeat(64);
  return new Promise((resolve) => {
    const nothing = (): void => resolve({ status: 0, json: undefined });
    const sent = httpRequest(url, { method, headers, timeout: 30_000, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', nothing);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const signature = response.headers['x-exchange-signature'];
        const status = response.statusCode ?? 0;
        const isReal = isSignedAnswer(hub, {
          ...{ status, nonce: signed['x-exchange-nonce'], body: text },
          signature: typeof signature === 'string' ? signature : undefined,
        });
        resolve({ status, json: isReal && !how.isUnread ? JSON.parse(text) : undefined });
      });
    });
    sent.on('error', nothing);
    sent.on('timeout', () => sent.destroy());
    if (!how.isCut) return void sent.end(body);
    sent.setHeader('content-length', Buffer.byteLength(body));
    sent.write(body.slice(0, Math.floor(body.length / 2)), () => sent.destroy());
  });
};

import { randomBytes } from 'node:crypto';
import { HubError, toHubError } from '@hallhub/shared';
import {
  type ExchangeAnswer,
  exchangeAnswerSchema,
  exchangeAnswerText,
  exchangeHeaders,
  exchangeRequestText,
} from '@hallhub/shared/exchange';
import { makeGuardedFetch } from '../../identity/sign-on/guarded-fetch.js';
import { hmacHex, isSignature, secretOf, sha256Hex } from '../channel/channel-secret.js';
import { parseJson } from '../channel/parse-json.js';
import type { ExchangeDeps } from '../exchange-deps.js';
import type { ChannelRow } from '../tables.js';

export interface PeerCall {
  readonly method: 'GET' | 'POST';
  /** Below the channel’s base address, with its query: `/messages`. */
  readonly path: string;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What came back. `json` only where the answer bears the peer’s signature: anything else may be a stranger’s page. */
export interface PeerReply {
  readonly status: number | null;
  readonly tookMs: number;
  readonly json: unknown;
  /** Why there is nothing to go by: `unreachable`, `timeout`, `address`, `unsigned`, `not_json`. */
  readonly problem: string | null;
  readonly detail: string | null;
}

const answerTimeoutMs = 15_000;
const maxAnswerBytes = 2 * 1024 * 1024;

/** One signed request to the platform. Never throws but for a bug; what went wrong is in the reply. */
export const callPeer = async (deps: ExchangeDeps, channel: ChannelRow, call: PeerCall): Promise<PeerReply> => {
  const { clock, sealing, allowPrivate } = deps;
  const secret = secretOf(sealing, channel, channel.keyId, clock.now());
  if (secret === undefined || channel.baseUrl === null) throw new HubError('bug', 'the channel cannot call');
  const url = new URL(channel.baseUrl.replace(/\/+$/, '') + call.path);
  const body = call.body ?? '';
  const nonce = randomBytes(18).toString('base64url');
  const timestamp = String(clock.now() + channel.clockMs);
  const path = url.pathname + url.search;
  const text = exchangeRequestText({ method: call.method, path, timestamp, nonce, bodySha256: sha256Hex(body) });
  const startMs = clock.monotonicMs();
  const tookMs = () => Math.round(clock.monotonicMs() - startMs);
  const fail = (problem: string, detail: string, status: number | null = null): PeerReply => ({
    ...{ status, tookMs: tookMs(), json: null, problem, detail: detail.slice(0, 300) },
  });
  const send = makeGuardedFetch({
    ...{ allowPrivate, timeoutMs: call.timeoutMs ?? answerTimeoutMs, maxBytes: maxAnswerBytes },
  });
  let response: Response;
  let answer: string;
  try {
    response = await send(url, {
      method: call.method,
      headers: {
        [exchangeHeaders.key]: channel.keyId,
        [exchangeHeaders.timestamp]: timestamp,
        [exchangeHeaders.nonce]: nonce,
        [exchangeHeaders.signature]: hmacHex(secret, text),
        ...(body === ''
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      },
      ...(body === '' ? {} : { body }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    answer = await response.text();
  } catch (error) {
    const known = toHubError(error);
    if (known.context.reason === 'address') return fail('address', known.message);
    if ((error as Error).name === 'TimeoutError') return fail('timeout', 'No answer in time');
    return fail('unreachable', known.message);
  }
  const { status } = response;
  const signed = exchangeAnswerText({ status, nonce, bodySha256: sha256Hex(answer) });
  if (!isSignature(secret, signed, response.headers.get(exchangeHeaders.signature))) {
    return fail('unsigned', `Answered ${status} without the platform’s signature`, status);
  }
  const json = parseJson(answer);
  if (json === undefined) return fail('not_json', 'The answer is no JSON', status);
  return { status, tookMs: tookMs(), json, problem: null, detail: null };
};

/** The answer to a message; undefined where it is none. */
export const readAnswer = ({ json }: PeerReply): ExchangeAnswer | undefined => {
  const read = exchangeAnswerSchema.safeParse(json);
  return read.success ? read.data : undefined;
};

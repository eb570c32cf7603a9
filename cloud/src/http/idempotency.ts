import { createHash } from 'node:crypto';
import { HubError } from '@hallhub/shared';

/** One use of a key by one actor. The fingerprint makes sure that the same key is the same request. */
export interface IdempotentRequest {
  readonly tenantId: string;
  readonly userId: string;
  readonly key: string;
  readonly fingerprint: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null where the answer held a secret or was too large to keep. */
  readonly body: string | null;
}

/** What `begin` found: go on; an answer to replay; done but without an answer; still running; another request's key. */
export type IdempotencyState =
  | { readonly state: 'run' }
  | { readonly state: 'replay'; readonly answer: StoredAnswer }
  | { readonly state: 'done' | 'running' | 'reused' };

/** Kept 24 h, shared by all cloud processes. */
export interface IdempotencyStore {
  begin(request: IdempotentRequest): Promise<IdempotencyState>;
  finish(request: IdempotentRequest, answer: StoredAnswer): Promise<void>;
  /** The request changed nothing (5xx before its transaction committed): the key may be used again. */
  abandon(request: IdempotentRequest): Promise<void>;
}

export const maxStoredAnswerBytes = 256 * 1024;
const keyPattern = /^[\x21-\x7e]{1,200}$/;

export const checkIdempotencyKey = (key: string): string => {
  if (!keyPattern.test(key)) {
    throw new HubError('invalid_input', 'Idempotency-Key must be 1 to 200 printable ASCII characters without blanks', {
      hint: 'A UUID made once for each intended action is best.',
    });
  }
  return key;
};

export const fingerprintOf = (method: string, path: string, body: string): string =>
  createHash('sha256').update(`${method} ${path}\n`).update(body).digest('hex');

const kept = ['content-type', 'etag', 'location'] as const;

/** Runs `handle` at most once for a key; the second caller gets the first one's answer. */
export const answerOnce = async (
  store: IdempotencyStore,
  request: IdempotentRequest,
  options: { readonly keepBody: boolean },
  handle: () => Promise<Response>,
): Promise<Response> => {
  const found = await store.begin(request);
  switch (found.state) {
    case 'replay':
      return new Response(found.answer.status === 204 ? null : found.answer.body, {
        status: found.answer.status,
        headers: { ...found.answer.headers, 'idempotency-replayed': 'true' },
      });
    case 'done':
      throw new HubError('conflict', 'That was already done with this Idempotency-Key; its answer is not kept', {
        hint: 'Read the present state instead of sending it again.',
      });
    case 'running':
      throw new HubError('conflict', 'A request with this Idempotency-Key is still running', {
        context: { retryAfterMs: 1_000 },
      });
    case 'reused':
      throw new HubError('invalid_input', 'This Idempotency-Key was used for another request', {
        hint: 'Make a new key for each intended action.',
      });
    case 'run':
      break;
  }
  let response: Response;
  try {
    response = await handle();
  } catch (error) {
    await store.abandon(request);
    throw error;
  }
  const text = await response.clone().text();
  const keep = options.keepBody && Buffer.byteLength(text) <= maxStoredAnswerBytes;
  const headers = Object.fromEntries(
    kept.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  await store.finish(request, { status: response.status, headers, body: keep ? text : null });
  return response;
};

import { uuidv7 } from '@hallhub/shared/ids';
import { ApiError, problemToError } from './api-error.js';

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: Blob;
  /** ETag of what the person saw when they began to change it. */
  ifMatch?: string | undefined;
  /** Made once per intent, so that a retry of the same intent is not done twice. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
  timeoutMs?: number;
}

export interface Answer<T> {
  data: T;
  etag: string | undefined;
}

const defaultTimeoutMs = 20_000;

function toQuery(query: Query | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'object') for (const one of value) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : '';
}

async function readBody(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * The only caller of `fetch`. Same-origin cookies carry the session; the JSON content type and custom header force a
 * preflight on any other origin, so a foreign page cannot forge a change. Throws ApiError, or the abort's own reason.
 */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? defaultTimeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const headers = new Headers({ accept: 'application/json', 'x-requested-with': 'hallhub-console' });
  if (options.raw) headers.set('content-type', 'application/octet-stream');
  else if (options.body !== undefined) headers.set('content-type', 'application/json');
  if (options.ifMatch) headers.set('if-match', options.ifMatch);
  if (method === 'POST') headers.set('idempotency-key', options.idempotencyKey ?? uuidv7());
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`/api/v1${path}${toQuery(options.query)}`, {
      method,
      headers,
      signal,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(options.raw
        ? { body: options.raw }
        : options.body === undefined
          ? {}
          : { body: JSON.stringify(options.body) }),
    });
    body = await readBody(response);
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    const late = timeout.aborted;
    throw new ApiError({
      code: late ? 'timeout' : 'unavailable',
      message: late ? 'timeout' : 'no answer',
      status: 0,
      cause,
    });
  }
  if (!response.ok) throw problemToError(response.status, body, response.headers.get('x-request-id'));
  return { data: body as T, etag: response.headers.get('etag') ?? undefined };
}

export const get = <T>(path: string, options?: RequestOptions): Promise<T> =>
  request<T>('GET', path, options).then((answer) => answer.data);
export const post = <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
  request<T>('POST', path, { ...options, body: body ?? {} }).then((answer) => answer.data);
export const put = <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
  request<T>('PUT', path, { ...options, body }).then((answer) => answer.data);
export const patch = <T>(path: string, body?: unknown, options?: RequestOptions): Promise<T> =>
  request<T>('PATCH', path, { ...options, body }).then((answer) => answer.data);
export const del = <T>(path: string, options?: RequestOptions): Promise<T> =>
  request<T>('DELETE', path, options).then((answer) => answer.data);

import http from 'node:http';
import type { Socket } from 'node:net';
import { HubError } from '@hallhub/shared';
import { abortScope } from '../../abort-scope.js';
import { openTls, type TlsTrust } from './tls-trust.js';

export interface HttpReply {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** No honest reply is larger. */
  readonly maxBytes: number;
  /** How an HTTPS server proves who it is. */
  readonly trust?: TlsTrust | undefined;
}

export type HttpExchange = (url: URL, request: HttpRequest) => Promise<HttpReply>;

export const headerOf = (reply: HttpReply, name: string): string | undefined => {
  const at = reply.rawHeaders.findIndex((one, index) => index % 2 === 0 && one.toLowerCase() === name);
  return at < 0 ? undefined : reply.rawHeaders[at + 1];
};

/**
 * One request on a connection of its own; redirects are not followed. Errors: `link_refused`, `link_lost`, `timeout`,
 * `too_large`, `protocol_violation`, `forbidden` (another certificate than the trusted one), the signal's reason.
 */
export const httpExchange: HttpExchange = async (url, request) => {
  const { timeoutMs, signal } = request;
  signal.throwIfAborted();
  using scope = abortScope(signal, timeoutMs);
  try {
    const socket = url.protocol === 'https:' ? await openTls(url, request.trust, scope.signal) : undefined;
    return await exchange(url, request, scope.signal, socket);
  } catch (cause) {
    signal.throwIfAborted();
    if (scope.isLate) throw said('timeout', url, `did not answer within ${timeoutMs} ms`);
    throw cause instanceof HubError ? cause : linkError(url, cause as NodeJS.ErrnoException);
  }
};

const exchange = (
  url: URL,
  { method, headers, body, maxBytes }: HttpRequest,
  signal: AbortSignal,
  socket: Socket | undefined,
): Promise<HttpReply> =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = http.request({
      method,
      signal,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, connection: 'close', ...headers, ...length },
      // With an agent, even a new one, a connection that is there already would not be taken.
      ...(socket ? { createConnection: () => socket } : { agent: false }),
    });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) request.destroy(said('too_large', url, `sends more than ${maxBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('aborted', () => reject(said('link_lost', url, 'broke off in the middle of its reply')));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });

const said = (code: 'timeout' | 'too_large' | 'link_lost', url: URL, what: string): HubError =>
  new HubError(code, `${url.host} ${what}`, { context: { host: url.host } });

const linkError = (url: URL, cause: NodeJS.ErrnoException): HubError => {
  const context = { host: url.host, errno: cause.code };
  if (cause.code?.startsWith('HPE_'))
    return new HubError('protocol_violation', `${url.host} does not speak HTTP: ${cause.message}`, { cause, context });
  const code = cause.code === 'ECONNRESET' ? 'link_lost' : 'link_refused';
  return new HubError(code, `cannot reach ${url.host}: ${cause.code ?? cause.message}`, {
    cause,
    context,
    ...(cause.code === 'ECONNREFUSED' ? { hint: 'the host answers, but nothing listens there: check the port' } : {}),
  });
};

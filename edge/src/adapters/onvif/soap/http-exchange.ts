import http from 'node:http';
import https from 'node:https';
import { HubError } from '@hallhub/shared';

export interface HttpReply {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface HttpPostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** No honest reply of a camera is larger. */
const maxReplyBytes = 2_097_152;

export type HttpPost = (url: URL, options: HttpPostOptions) => Promise<HttpReply>;

/** One POST on a connection of its own. Errors: `link_refused`, `link_lost`, `timeout`, `too_large`, the signal's reason. */
export const httpPost: HttpPost = (url, { headers, body, timeoutMs, signal }) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const deadline = AbortSignal.timeout(timeoutMs);
    const give = AbortSignal.any([signal, deadline]);
    const fail = (cause: unknown) => {
      if (signal.aborted) reject(signal.reason);
      else if (deadline.aborted)
        reject(
          new HubError('timeout', `${url.host} did not answer within ${timeoutMs} ms`, { context: { host: url.host } }),
        );
      else reject(cause instanceof HubError ? cause : linkError(url, cause as NodeJS.ErrnoException));
    };
    const options: https.RequestOptions = {
      method: 'POST',
      agent: false,
      signal: give,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      // Cameras on the hall's network make their own certificates; the digest protects the password.
      ...(url.protocol === 'https:' ? { rejectUnauthorized: false } : {}),
    };
    const request = (url.protocol === 'https:' ? https : http).request(url, options, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > maxReplyBytes) {
          request.destroy(
            new HubError('too_large', `${url.host} sends more than ${maxReplyBytes} bytes`, {
              context: { host: url.host },
            }),
          );
        }
      });
      response.on('error', fail);
      response.on('aborted', () =>
        fail(
          new HubError('link_lost', `${url.host} broke off in the middle of its reply`, {
            context: { host: url.host },
          }),
        ),
      );
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          rawHeaders: response.rawHeaders,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.on('error', fail);
    request.end(body);
  });

const linkError = (url: URL, cause: NodeJS.ErrnoException): HubError => {
  if (cause.code?.startsWith('HPE_')) {
    return new HubError('protocol_violation', `${url.host} does not speak HTTP: ${cause.message}`, {
      cause,
      context: { host: url.host },
    });
  }
  const code = cause.code === 'ECONNRESET' ? 'link_lost' : 'link_refused';
  return new HubError(code, `cannot reach ${url.host}: ${cause.code ?? cause.message}`, {
    cause,
    context: { host: url.host, errno: cause.code },
    ...(cause.code === 'ECONNREFUSED' ? { hint: 'the host answers, but nothing listens there: check the port' } : {}),
  });
};

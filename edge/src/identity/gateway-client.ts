import type { X509Certificate } from 'node:crypto';
import http from 'node:http';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { HubError, isHubError } from '@hallhub/shared';
import { type GatewayErrorCode, gatewayErrorCodes } from '@hallhub/shared/wire';
import { z } from 'zod';
import { chainOf } from './dial-tls.js';

export interface GatewayRequest {
  readonly method: string;
  /** Absolute path with its query, such as `/unit/v1/time`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | Readable;
  /** An answer over this many bytes is an error (1 MiB). */
  readonly maxAnswerBytes?: number;
  /** Of silence on the wire (30 s). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whoever answered, leaf first. */
  readonly chain: readonly X509Certificate[];
}

/** One request on a connection of its own that was checked before. Rejects with `link_lost`, `timeout`, `too_large` or `cancelled`. */
export const sendOn = (socket: TLSSocket, gateway: URL, request: GatewayRequest): Promise<GatewayAnswer> =>
  new Promise((resolve, reject) => {
    const { method, path, headers, body, maxAnswerBytes = 1_048_576, timeoutMs = 30_000, signal } = request;
    const chain = chainOf(socket);
    const length = body instanceof Uint8Array ? { 'content-length': String(body.byteLength) } : {};
    const out = http.request({
      createConnection: () => socket,
      method,
      path,
      headers: { host: gateway.host, connection: 'close', ...length, ...headers },
    });
    const fail = (error: unknown): void => {
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(
        isHubError(error)
          ? error
          : new HubError('link_lost', `${gateway.host}: ${(error as Error).message}`, { cause: error }),
      );
    };
    const onAbort = () => fail(new HubError('cancelled', 'stopped'));
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(timeoutMs, () =>
      fail(new HubError('timeout', `${gateway.host} said nothing for ${timeoutMs / 1_000} s`)),
    );
    out.on('error', fail);
    out.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) fail(new HubError('too_large', `${gateway.host} answers too much`));
        else chunks.push(chunk);
      });
      response.on('error', fail);
      response.on('end', () => {
        signal?.removeEventListener('abort', onAbort);
        socket.destroy();
        const { statusCode: status = 0, headers: its } = response;
        resolve({ status, headers: its, body: Buffer.concat(chunks), chain });
      });
    });
    if (body === undefined) out.end();
    else if (body instanceof Uint8Array) out.end(body);
    else body.on('error', fail).pipe(out);
  });

export const jsonBody = (value: unknown): { body: Buffer; headers: Record<string, string> } => ({
  body: Buffer.from(JSON.stringify(value)),
  headers: { 'content-type': 'application/json' },
});

/** The answer's JSON by its contract. Throws `protocol_violation` where somebody else answers. */
export const answerOf = <T>(answer: GatewayAnswer, schema: z.ZodType<T>, gateway: URL): T => {
  if (answer.status < 200 || answer.status > 299) throw gatewayError(answer, gateway);
  const parsed = schema.safeParse(parseJson(answer.body));
  if (parsed.success) return parsed.data;
  throw notTheGateway(answer, gateway);
};

const problemSchema = z.object({
  code: z.enum(gatewayErrorCodes),
  detail: z.string().optional(),
  reason: z.string().optional(),
});

/** `context.gatewayCode` where the gateway said why. */
export const gatewayError = (answer: GatewayAnswer, gateway: URL): HubError => {
  const problem = problemSchema.safeParse(parseJson(answer.body));
  if (!problem.success) return notTheGateway(answer, gateway);
  const { code, detail, reason } = problem.data;
  const known = code === 'certificate_revoked' && reason === 'replaced' ? replaced : refusals[code];
  return new HubError(known.code, `${gateway.host}: ${known.message}`, {
    context: { gatewayCode: code, status: answer.status, ...(detail ? { detail } : {}) },
    hint: known.hint,
  });
};

export const gatewayCodeOf = (error: unknown): GatewayErrorCode | undefined =>
  error instanceof HubError ? (error.context.gatewayCode as GatewayErrorCode | undefined) : undefined;

const replaced = {
  code: 'forbidden',
  message: 'another box took this unit’s place',
  hint: 'Switch this one off. If it is the right one, ask for a new code in the console (the unit’s page, Replace).',
} as const;
const newCode = 'Ask for a new code in the console (the unit’s page).';
const refusals: Record<GatewayErrorCode, { code: HubError['code']; message: string; hint: string }> = {
  code_unknown: { code: 'not_found', message: 'the cloud does not know this code', hint: newCode },
  code_used: { code: 'conflict', message: 'this code was used already', hint: newCode },
  code_expired: { code: 'gone', message: 'this code is over: it was good for a limited time', hint: newCode },
  csr_invalid: { code: 'bug', message: 'the cloud does not accept this unit’s key', hint: 'hub logs' },
  certificate_required: { code: 'forbidden', message: 'the cloud wants a certificate', hint: newCode },
  certificate_revoked: { code: 'forbidden', message: 'this unit’s certificate was revoked', hint: newCode },
  certificate_unknown: { code: 'forbidden', message: 'the cloud does not know this unit’s certificate', hint: newCode },
  unit_archived: { code: 'forbidden', message: 'this unit was archived in the console', hint: newCode },
  too_many_requests: { code: 'rate_limited', message: 'too many attempts from this address', hint: 'Wait a minute.' },
  unavailable: { code: 'unavailable', message: 'the cloud cannot do that now', hint: 'Try again in a minute.' },
};

const notTheGateway = ({ status, headers }: GatewayAnswer, gateway: URL): HubError =>
  new HubError(
    status === 502 || status === 503 || status === 504 ? 'unavailable' : 'protocol_violation',
    `what answers at ${gateway.host} is not the cloud’s gateway (HTTP ${status}${headers.server ? `, ${headers.server}` : ''})`,
    { hint: 'Is the address right (port 18443 by default), or does a proxy stand in between?' },
  );

const parseJson = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

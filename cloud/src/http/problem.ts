import { type ErrorCode, HubError } from '@hallhub/shared';
import { z } from '@hono/zod-openapi';

/** The one map from error codes to HTTP. `satisfies` keeps it exhaustive: a new code does not compile until it is here. */
export const httpStatusByCode = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  timeout: 504,
  conflict: 409,
  gone: 410,
  precondition_failed: 412,
  too_large: 413,
  unsupported: 415,
  rate_limited: 429,
  cancelled: 499,
  unavailable: 503,
  link_lost: 502,
  link_refused: 502,
  protocol_violation: 502,
  device_refused: 502,
  configuration: 500,
  store_full: 507,
  store_unwritable: 503,
  store_corrupt: 500,
  store_busy: 503,
  bug: 500,
} as const satisfies Record<ErrorCode, number>;

const titleByCode: Record<ErrorCode, string> = {
  invalid_input: 'The request is not valid',
  unauthenticated: 'Sign-in is required',
  forbidden: 'This account may not do that',
  not_found: 'Not found',
  timeout: 'It took too long',
  conflict: 'It conflicts with the present state',
  gone: 'It is no longer there',
  precondition_failed: 'It was changed by somebody else meanwhile',
  too_large: 'The request is too large',
  unsupported: 'That is not supported',
  rate_limited: 'Too many requests',
  cancelled: 'The request was cancelled',
  unavailable: 'The service is not available at the moment',
  link_lost: 'The link to the device was lost',
  link_refused: 'The link to the device was refused',
  protocol_violation: 'The peer broke its protocol',
  device_refused: 'The device refused',
  configuration: 'The server is not configured for that',
  store_full: 'The store is full',
  store_unwritable: 'The store cannot be written at the moment',
  store_corrupt: 'The store is damaged',
  store_busy: 'The store is busy',
  bug: 'Something went wrong on the server',
};

/** What a client gets for every error: RFC 9457, with our closed `code` and the request's id. */
export const problemSchema = z
  .object({
    type: z.string().describe('Stable URI of the kind of problem: `urn:hallhub:problem:<code>`'),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().optional(),
    hint: z.string().optional(),
    requestId: z.string(),
    retryAfterMs: z.int().optional(),
    context: z.record(z.string(), z.unknown()).optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');
export type Problem = z.infer<typeof problemSchema>;

/** On these the message may speak of our inside (SQL, paths): the client gets the title and the request id only. */
const isOpaque = (status: number): boolean => status === 500;

export interface ProblemOptions {
  readonly status?: number;
}

export const toProblem = (error: HubError, requestId: string, options: ProblemOptions = {}): Problem => {
  const status = options.status ?? httpStatusByCode[error.code];
  const opaque = isOpaque(status);
  const { errors, retryAfterMs, ...context } = error.context as Pick<Problem, 'errors' | 'retryAfterMs'>;
  return {
    type: `urn:hallhub:problem:${error.code}`,
    title: titleByCode[error.code],
    status,
    code: error.code,
    ...(opaque ? {} : { detail: error.message }),
    ...(opaque || error.hint === undefined ? {} : { hint: error.hint }),
    requestId,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(opaque || Object.keys(context).length === 0 ? {} : { context }),
    ...(opaque || errors === undefined ? {} : { errors }),
  };
};

export const problemResponse = (error: HubError, requestId: string, options: ProblemOptions = {}): Response => {
  const problem = toProblem(error, requestId, options);
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  if (problem.retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(problem.retryAfterMs / 1000)));
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
};

/** Zod's issues in words: `body.address.lat: Too big`. Values never appear. */
export const invalidInput = (error: z.ZodError, part: string): HubError =>
  new HubError('invalid_input', `The ${part} of the request is not valid`, {
    context: {
      errors: error.issues.map((issue) => ({
        path: [part, ...issue.path.map(String)].join('.'),
        message: issue.message,
      })),
    },
  });

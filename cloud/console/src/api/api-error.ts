import { type ErrorCode, errorCodes, HubError } from '@hallhub/shared/errors';
import * as z from 'zod/mini';

/** RFC 9457 body as the API sends it; every member may be missing when a proxy answered instead. */
const problemSchema = z.object({
  title: z.optional(z.string()),
  code: z.optional(z.string()),
  detail: z.optional(z.string()),
  hint: z.optional(z.string()),
  requestId: z.optional(z.string()),
  retryAfterMs: z.optional(z.number()),
  context: z.catch(z.optional(z.record(z.string(), z.unknown())), undefined),
  errors: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});

export interface FieldProblem {
  /** Dotted path in the body that was sent. */
  path: string;
  message: string;
}

interface ApiErrorParts {
  code: ErrorCode;
  message: string;
  status: number;
  hint?: string | undefined;
  requestId?: string | undefined;
  apiCode?: string | undefined;
  reason?: string | undefined;
  facts?: Record<string, unknown> | undefined;
  fields?: FieldProblem[] | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** What every failed call throws: HubError's closed code, plus what a person needs to report it. `status` is 0 when nothing answered. */
export class ApiError extends HubError {
  readonly status: number;
  readonly requestId: string | undefined;
  /** The code as the API wrote it, for cases that the closed list does not tell apart. */
  readonly apiCode: string | undefined;
  /** What of that code it is, where the API tells: `locked`. */
  readonly reason: string | undefined;
  /** What else the API tells of it, by its own names. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly fields: readonly FieldProblem[];
  readonly retryAfterMs: number | undefined;

  constructor(parts: ApiErrorParts) {
    super(parts.code, parts.message, {
      cause: parts.cause,
      ...(parts.hint ? { hint: parts.hint } : {}),
      context: { status: parts.status, requestId: parts.requestId },
    });
    this.status = parts.status;
    this.requestId = parts.requestId;
    this.apiCode = parts.apiCode;
    this.reason = parts.reason;
    this.facts = parts.facts ?? {};
    this.fields = parts.fields ?? [];
    this.retryAfterMs = parts.retryAfterMs;
  }
}

const codeByStatus: Record<number, ErrorCode> = {
  400: 'invalid_input',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  412: 'precondition_failed',
  413: 'too_large',
  422: 'invalid_input',
  423: 'rate_limited',
  428: 'precondition_failed',
  429: 'rate_limited',
  501: 'unsupported',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

function isErrorCode(code: string | undefined): code is ErrorCode {
  return (errorCodes as readonly (string | undefined)[]).includes(code);
}

/** Builds the error for an answer that was not a success. */
export function problemToError(status: number, body: unknown, headerRequestId: string | null): ApiError {
  const parsed = problemSchema.safeParse(body);
  const problem = parsed.success ? parsed.data : {};
  return new ApiError({
    code: isErrorCode(problem.code)
      ? problem.code
      : (codeByStatus[status] ?? (status >= 500 ? 'bug' : 'invalid_input')),
    message: problem.detail ?? problem.title ?? `HTTP ${status}`,
    status,
    hint: problem.hint,
    requestId: problem.requestId ?? headerRequestId ?? undefined,
    apiCode: problem.code,
    reason: typeof problem.context?.reason === 'string' ? problem.context.reason : undefined,
    facts: problem.context,
    fields: problem.errors,
    retryAfterMs: problem.retryAfterMs,
  });
}

export function isApiError(error: unknown, code?: ErrorCode): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

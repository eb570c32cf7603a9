import { type ErrorCode, HubError, isHubError } from '@hallhub/shared';
import type { GatewayErrorCode } from '@hallhub/shared/wire';

const codes: Record<GatewayErrorCode, { readonly code: ErrorCode; readonly status: number }> = {
  code_unknown: { code: 'not_found', status: 404 },
  code_used: { code: 'conflict', status: 409 },
  code_expired: { code: 'gone', status: 410 },
  csr_invalid: { code: 'invalid_input', status: 400 },
  certificate_required: { code: 'unauthenticated', status: 401 },
  certificate_revoked: { code: 'forbidden', status: 403 },
  certificate_unknown: { code: 'forbidden', status: 403 },
  unit_archived: { code: 'gone', status: 410 },
  too_many_requests: { code: 'rate_limited', status: 429 },
  unavailable: { code: 'unavailable', status: 503 },
};

/** An error that the gateway answers with this code; `context.retryAfterMs` becomes `Retry-After`. */
export const gatewayError = (
  gatewayCode: GatewayErrorCode,
  message: string,
  options: { readonly cause?: unknown; readonly context?: Readonly<Record<string, unknown>> } = {},
): HubError =>
  new HubError(codes[gatewayCode].code, message, { ...options, context: { ...options.context, gatewayCode } });

/** Undefined for what is no business of the unit (a bug): the answer is then a bare 500. */
export const gatewayCodeOf = (error: unknown): GatewayErrorCode | undefined => {
  if (!isHubError(error)) return undefined;
  const { gatewayCode } = error.context;
  if (typeof gatewayCode === 'string' && Object.hasOwn(codes, gatewayCode)) return gatewayCode as GatewayErrorCode;
  return isHubError(error, 'unavailable') || isHubError(error, 'timeout') ? 'unavailable' : undefined;
};

export const gatewayStatusOf = (code: GatewayErrorCode): number => codes[code].status;

import { type HubError, isHubError } from '@hallhub/shared';
import type { GatewayErrorCode } from '@hallhub/shared/wire';
import { describeError } from '../http/known-errors.js';
import { httpStatusByCode } from '../http/problem.js';
import { gatewayCodeOf, gatewayStatusOf } from '../modules/enrolment/index.js';

/** RFC 9457 for units: `code` is one of `gatewayErrorCodes` where the unit can do something about it, else an error's own. */
export const gatewayProblem = (thrown: unknown): { readonly response: Response; readonly error: HubError } => {
  const error = describeError(thrown);
  const code: GatewayErrorCode | undefined = gatewayCodeOf(error);
  const status = code ? gatewayStatusOf(code) : httpStatusByCode[error.code];
  const { retryAfterMs, reason } = error.context as { retryAfterMs?: number; reason?: unknown };
  const body = {
    type: `urn:hallhub:problem:${code ?? error.code}`,
    title: code ?? error.code,
    status,
    code: code ?? error.code,
    // On 500 the message may speak of our inside.
    ...(status === 500 ? {} : { detail: error.message }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(code === 'certificate_revoked' && reason === 'replaced' ? { reason } : {}),
  };
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (retryAfterMs !== undefined) headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  // Nothing that may still come of the body is read: the connection ends.
  if (isHubError(error, 'too_large') || isHubError(error, 'timeout')) headers.set('connection', 'close');
  return { response: new Response(JSON.stringify(body), { status, headers }), error };
};

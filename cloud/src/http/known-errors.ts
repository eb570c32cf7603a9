import { HubError, toHubError } from '@hallhub/shared';
import { HTTPException } from 'hono/http-exception';

/** Errors of the driver and the server that mean "not now", by Node's code or PostgreSQL's SQLSTATE. */
const unavailable = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT|08...|57P0.|53...)$/;
/** A value that no column can hold: a NUL in a text, a year 0, a number beyond its type. The caller sent it. */
const unstorable = /^(?:22003|22007|22008|22021|22P05)$/;
const retryable = /^(?:40001|40P01|55P03)$/;

/** Walks the causes for what we know of the outside world; anything else is a bug of ours and stays hidden. */
export const describeError = (error: unknown): HubError => {
  if (error instanceof HubError) return error;
  if (error instanceof HTTPException) {
    return new HubError(error.status === 404 ? 'not_found' : 'invalid_input', error.message, { cause: error });
  }
  if (error instanceof DOMException && error.name === 'AbortError') {
    return new HubError('cancelled', 'The request was cancelled', { cause: error });
  }
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof HubError) return at;
    const code = 'code' in at ? String(at.code) : '';
    if (retryable.test(code)) {
      return new HubError('unavailable', 'The database was busy with the same rows', {
        cause: error,
        context: { retryAfterMs: 1_000 },
        hint: 'Send the request again.',
      });
    }
    if (unstorable.test(code)) {
      return new HubError('invalid_input', 'The request holds a text, time or number that cannot be stored', {
        cause: error,
      });
    }
    if (unavailable.test(code)) {
      return new HubError('unavailable', 'The database does not answer at the moment', {
        cause: error,
        context: { retryAfterMs: 5_000 },
      });
    }
  }
  return toHubError(error);
};

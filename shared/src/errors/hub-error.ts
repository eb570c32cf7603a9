/**
 * The one error class of HallHub. `code` is from a closed list so that every transport can map it exhaustively;
 * `context` holds facts for the reader (never secrets); `hint` says what to do next.
 */
export const errorCodes = [
  // Shared by all parts
  'invalid_input',
  'not_found',
  'conflict',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'cancelled',
  'timeout',
  'unavailable',
  'too_large',
  'precondition_failed',
  'gone',
  'unsupported',
  'bug',
  // Edge and device kinds: link (retry), protocol (count and drop), refused (report), configuration (stop that adapter)
  'link_lost',
  'link_refused',
  'protocol_violation',
  'device_refused',
  'configuration',
  // Stores
  'store_full',
  'store_unwritable',
  'store_corrupt',
  'store_busy',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface HubErrorOptions {
  readonly cause?: unknown;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly hint?: string;
}

export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: HubErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.context = options.context ?? {};
    this.hint = options.hint;
  }
}

export const isHubError = (error: unknown, code?: ErrorCode): error is HubError =>
  error instanceof HubError && (code === undefined || error.code === code);

/** True where trying again later may help without anybody changing anything. */
export const isRetryable = (error: unknown): boolean =>
  isHubError(error) &&
  ['link_lost', 'link_refused', 'timeout', 'unavailable', 'store_busy', 'rate_limited'].includes(error.code);

/** Anything thrown becomes a HubError; what we did not foresee is a `bug`. */
export const toHubError = (error: unknown): HubError =>
  error instanceof HubError
    ? error
    : new HubError('bug', error instanceof Error ? error.message : String(error), { cause: error });

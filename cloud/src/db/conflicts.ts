import { type Clock, systemClock } from '@hallhub/shared';

export interface PostgresError extends Error {
  readonly code: string;
  readonly constraint?: string;
}

/** drizzle wraps what node-postgres throws; the SQLSTATE is somewhere down the chain of causes. */
export const postgresError = (error: unknown): PostgresError | undefined => {
  for (let seen = error, depth = 0; seen instanceof Error && depth < 5; seen = seen.cause, depth++) {
    const { code } = seen as { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && 'severity' in seen)
      return seen as unknown as PostgresError;
  }
  return undefined;
};

const isState =
  (...states: string[]) =>
  (error: unknown, constraint?: string): boolean => {
    const found = postgresError(error);
    return (
      found !== undefined &&
      states.includes(found.code) &&
      (constraint === undefined || found.constraint === constraint)
    );
  };

export const isUniqueViolation = isState('23505');
export const isForeignKeyViolation = isState('23503');
/** Serialization failure or deadlock: the same transaction may succeed if run again. */
export const isTransactionConflict = isState('40001', '40P01');

export interface RetryOptions {
  readonly attempts?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `fn` again after a serialization failure or deadlock, with a short random pause. */
export const retryOnConflict = async <T>(fn: () => Promise<T>, options: RetryOptions = {}): Promise<T> => {
  const { attempts = 3, clock = systemClock, signal } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await fn();
    } catch (error) {
      if (attempt >= attempts || !isTransactionConflict(error)) throw error;
      await clock.sleep(Math.random() * 20 * 2 ** attempt, signal);
    }
  }
};

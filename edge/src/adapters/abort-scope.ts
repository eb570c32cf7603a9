export interface AbortScope extends Disposable {
  readonly signal: AbortSignal;
  /** The time was over. */
  readonly isLate: boolean;
  abort(reason?: unknown): void;
}

/**
 * A signal that aborts with another one, by `abort`, or after a time. Disposed, it lets go of the other one: each signal that
 * `AbortSignal.any` makes leaves an entry in the ones it is made of, which for one that lives as long as the unit is for ever
 * (Node 20).
 */
export const abortScope = (outer: AbortSignal, timeoutMs?: number): AbortScope => {
  const own = new AbortController();
  const pass = () => own.abort(outer.reason);
  let isLate = false;
  const expire = () => {
    isLate = true;
    own.abort(new DOMException('the time is over', 'TimeoutError'));
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
  if (outer.aborted) pass();
  else outer.addEventListener('abort', pass, { once: true });
  return {
    signal: own.signal,
    get isLate() {
      return isLate;
    },
    abort: (reason) => own.abort(reason),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', pass);
    },
  };
};

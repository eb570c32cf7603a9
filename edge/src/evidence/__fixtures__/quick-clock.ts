import { type Clock, systemClock } from '@hallhub/shared';

/** Real time, so many times as fast: what waits for seconds is over in milliseconds, over real sockets and files. */
export const quickClock = (times: number): Clock => {
  const startMs = systemClock.now();
  const elapsed = () => systemClock.monotonicMs() * times;
  const zero = elapsed();
  return {
    now: () => Math.round(startMs + elapsed() - zero),
    monotonicMs: elapsed,
    setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / times),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs / times, signal),
  };
};

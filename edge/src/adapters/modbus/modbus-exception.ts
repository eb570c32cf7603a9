import { HubError, isHubError } from '@hallhub/shared';

/** Exception codes (Modbus Application Protocol 1.1b3, 7). */
export const exceptionNames: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  7: 'negative acknowledge',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target device failed to respond',
};

export const illegalFunction = 1;
export const illegalDataAddress = 2;
export const illegalDataValue = 3;

/** 5 and 6 pass with time, 10 and 11 come from a gateway whose slave is silent: those are `unavailable`, the rest `device_refused`. */
export const exceptionError = (exception: number, context: Record<string, unknown>): HubError => {
  const name = exceptionNames[exception] ?? 'unknown exception';
  const passing = [5, 6, 10, 11].includes(exception);
  return new HubError(
    passing ? 'unavailable' : 'device_refused',
    `the device answered exception ${exception}: ${name}`,
    {
      context: { ...context, exception, exceptionName: name },
    },
  );
};

/** The exception code that an error stands for, if it does. */
export const exceptionOf = (error: unknown): number | undefined =>
  isHubError(error) && typeof error.context.exception === 'number' ? error.context.exception : undefined;

/** Nothing came from the device itself: a time-out, or its gateway says that it is silent. */
export const isSilence = (error: unknown): boolean => {
  const exception = exceptionOf(error);
  return isHubError(error, 'timeout') || exception === 10 || exception === 11;
};

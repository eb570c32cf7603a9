import { HubError, isHubError } from '@hallhub/shared';

interface ExceptionText {
  readonly name: string;
  readonly hint: string;
}

/** Exception codes (Modbus Application Protocol 1.1b3, 7) and what to do about each. */
const exceptionTexts: Readonly<Record<number, ExceptionText>> = {
  1: { name: 'illegal function', hint: 'the device does not know this function code: bind the point to another one' },
  2: {
    name: 'illegal data address',
    hint: 'the device has no such register: compare address and table with its manual (addresses count from 0)',
  },
  3: {
    name: 'illegal data value',
    hint: 'the device does not take this value or this many registers: check range and maxBlock',
  },
  4: { name: 'server device failure', hint: 'the device failed while it tried: look at the device itself' },
  5: { name: 'acknowledge', hint: 'the device took the request and needs a long time for it' },
  6: { name: 'server device busy', hint: 'the device is busy with something long: it is asked again later' },
  7: { name: 'negative acknowledge', hint: 'the device cannot carry this out: it may be locked or in local mode' },
  8: { name: 'memory parity error', hint: 'the device’s own memory is damaged: it needs service' },
  10: {
    name: 'gateway path unavailable',
    hint: 'the gateway has no path to this unit id: check its routing table and its load',
  },
  11: {
    name: 'gateway target device failed to respond',
    hint: 'the gateway works, the device behind it is silent: check its power, wiring, unit id and line settings',
  },
};

export const illegalFunction = 1;
export const illegalDataAddress = 2;
export const illegalDataValue = 3;
export const deviceFailure = 4;
export const acknowledge = 5;
export const deviceBusy = 6;
export const memoryParityError = 8;

/** 5 and 6 pass with time, 10 and 11 come from a gateway whose slave is silent: those are `unavailable`, the rest `device_refused`. */
export const exceptionError = (exception: number, context: Record<string, unknown>): HubError => {
  const text = exceptionTexts[exception];
  const name = text?.name ?? 'unknown exception';
  return new HubError(
    isPassing(exception) || isGatewaySilence(exception) ? 'unavailable' : 'device_refused',
    `unit ${String(context.unitId)} answered exception ${exception}: ${name}`,
    { context: { ...context, exception, exceptionName: name }, ...(text ? { hint: text.hint } : {}) },
  );
};

/** The exception code that an error stands for, if it does. */
export const exceptionOf = (error: unknown): number | undefined =>
  isHubError(error) && typeof error.context.exception === 'number' ? error.context.exception : undefined;

/** Nothing came from the device itself: a time-out, or its gateway says that it is silent. */
export const isSilence = (error: unknown): boolean =>
  isHubError(error, 'timeout') || isGatewaySilence(exceptionOf(error));

/** The device works and will answer later. */
export const isPassing = (exception: number | undefined): boolean =>
  exception === acknowledge || exception === deviceBusy;

const isGatewaySilence = (exception: number | undefined): boolean => exception === 10 || exception === 11;

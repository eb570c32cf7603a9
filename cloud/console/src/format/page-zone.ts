import { dayOf } from './day-in-zone.js';

let zone: string | undefined;

/** By whose clock times are written and read where a page names no zone: the hall's, before one is known the browser's. */
export const pageZone = (): string => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Set by the frame around the pages, before they draw. */
export const setPageZone = (next: string): void => {
  zone = next;
};

/** Today by that clock, `2026-11-22`. */
export const today = (): string => dayOf(Date.now(), pageZone());

export interface DueState {
  /** Of the promise. */
  late: boolean;
  ms: number;
  /** How long until what is shown changes. */
  tickMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** How long is left, or how long it is over. */
export const dueState = (dueAt: string | number, now: number): DueState => {
  const left = new Date(dueAt).getTime() - now;
  const ms = Math.abs(left);
  return { late: left < 0, ms, tickMs: ms < 2 * minute ? 1_000 : ms < hour ? 5_000 : 30_000 };
};

/** Seconds are shown only where they count. */
export const shownMs = (ms: number): number => (ms < 2 * minute ? ms : Math.floor(ms / minute) * minute);

/** A light that the list was fetched with may have changed since: it is never greener than the clock on the wall says. */
export const lightNow = <L extends 'green' | 'yellow' | 'red'>(
  light: L | null,
  dueAt: string | null,
  now: number,
): L | 'red' | null => (light !== null && dueAt !== null && Date.parse(dueAt) < now ? 'red' : light);

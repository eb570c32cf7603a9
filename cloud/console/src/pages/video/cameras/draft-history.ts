/** A draft with what was before it and what was undone. */
export interface DraftHistory<T> {
  readonly past: readonly T[];
  readonly now: T;
  readonly future: readonly T[];
  /** Of the last change: one that has the same goes into it, as the steps of a drag do. */
  readonly tag: string | undefined;
}

const mostSteps = 100;

export const draftOf = <T>(now: T): DraftHistory<T> => ({ past: [], now, future: [], tag: undefined });

export const changeDraft = <T>(history: DraftHistory<T>, next: T, tag?: string): DraftHistory<T> => {
  if (Object.is(next, history.now)) return history;
  const joins = tag !== undefined && tag === history.tag && history.past.length > 0;
  const past = joins ? history.past : [...history.past, history.now].slice(-mostSteps);
  return { past, now: next, future: [], tag };
};

export const undoDraft = <T>(history: DraftHistory<T>): DraftHistory<T> => {
  const { past, now, future } = history;
  if (past.length === 0) return history;
  return { past: past.slice(0, -1), now: past.at(-1) as T, future: [now, ...future], tag: undefined };
};

export const redoDraft = <T>(history: DraftHistory<T>): DraftHistory<T> => {
  const { past, now, future } = history;
  const [next, ...rest] = future;
  if (next === undefined) return history;
  return { past: [...past, now], now: next, future: rest, tag: undefined };
};

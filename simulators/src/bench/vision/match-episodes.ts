import type { Span } from './true-episodes.js';

export interface Matched {
  /** Told, and true. */
  readonly right: number;
  readonly false: number;
  readonly missed: number;
  /** From the moment at which it had been so for long enough to when it was told, ms. */
  readonly delaysMs: readonly number[];
}

export interface ToldEpisode {
  /** When it began, as told. */
  readonly startedAtMs: number;
  /** When it was told. */
  readonly atMs: number;
}

/**
 * Sets what was told against what was true, one to one. What held for hardly long enough (`slackMs` around `forMs`) may be told
 * or not: a picture more or less decides. Told is right where it began within `slackMs` of the truth.
 */
export const matchEpisodes = (
  truth: readonly Span[],
  told: readonly ToldEpisode[],
  { forMs, slackMs, endMs }: { readonly forMs: number; readonly slackMs: number; readonly endMs: number },
): Matched => {
  const lasting = (span: Span) => span.toMs - span.fromMs;
  const isMoment = (span: Span) => lasting(span) === 0;
  const left = [...told];
  const delaysMs: number[] = [];
  let [right, missed] = [0, 0];
  const take = (span: Span): ToldEpisode | undefined => {
    const at = left.findIndex(({ startedAtMs }) => Math.abs(startedAtMs - span.fromMs) <= slackMs);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  };
  const isClear = (span: Span) =>
    // What the recording ends in the middle of was not seen long enough either.
    isMoment(span)
      ? span.fromMs + slackMs <= endMs
      : lasting(span) >= forMs + slackMs && span.fromMs + forMs + slackMs <= endMs;
  for (const span of truth.filter(isClear)) {
    const found = take(span);
    if (!found) missed++;
    else {
      right++;
      delaysMs.push(found.atMs - (span.fromMs + forMs));
    }
  }
  for (const span of truth.filter((one) => !isClear(one) && (isMoment(one) || lasting(one) >= forMs - slackMs)))
    take(span);
  return { right, false: left.length, missed, delaysMs };
};

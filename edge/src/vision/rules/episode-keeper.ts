/**
 * Hysteresis: what contradicts is believed once it was seen in three pictures in a row over two seconds. A detector that misses somebody
 * for a few pictures, or sees somebody who is not there, begins and ends nothing.
 */
export const graceMs = 2_000;
export const gracePictures = 3;
/** To be seen now and then weighs more than not to be seen in between: what was seen is forgotten at a tenth of that. */
const forgetting = 0.1;

export interface EpisodeState {
  /** When what holds began, epoch ms; undefined: it does not hold. */
  sinceMs?: number;
  /** How long it has held, of time in which somebody looked. */
  heldMs: number;
  heldPictures: number;
  /** All that said something, since it holds. */
  pictures: number;
  /** Evidence to the contrary, in a row. */
  contrary?: { sinceMs: number; ms: number; pictures: number };
  /** Nobody could look, in a row. */
  unknownMs: number;
  open?: { episodeId: string; startedAt: number; ms: number };
  coolMs: number;
}

export interface EpisodeLimits {
  readonly forMs: number;
  readonly coolDownMs: number;
  /** What is not seen has to be not seen for the grace at least, whatever `forMs` says. */
  readonly byAbsence: boolean;
  readonly newId: (atMs: number) => string;
}

export type EpisodeChange =
  | { readonly kind: 'began'; readonly episodeId: string; readonly startedAt: number }
  | { readonly kind: 'ended'; readonly episodeId: string; readonly startedAt: number; readonly endedAt: number };

export const newEpisodeState = (): EpisodeState => ({
  heldMs: 0,
  heldPictures: 0,
  pictures: 0,
  unknownMs: 0,
  coolMs: 0,
});

export interface EpisodeStep {
  readonly atMs: number;
  readonly stepMs: number;
  /** Nobody looked since the picture before, for long or for an unknown time. */
  readonly isGap?: boolean;
  /** Undefined: not known now. Then nothing begins and nothing ends. */
  readonly holds: boolean | undefined;
}

const forget = (state: EpisodeState): void => {
  delete state.sinceMs;
  delete state.contrary;
  state.heldMs = 0;
  state.heldPictures = 0;
  state.pictures = 0;
};

const close = (state: EpisodeState, atMs: number, coolDownMs: number): EpisodeChange | undefined => {
  const { open } = state;
  forget(state);
  if (!open) return undefined;
  delete state.open;
  state.coolMs = coolDownMs;
  const { episodeId, startedAt, ms } = open;
  // By the wall, unless the wall's clock went back: an episode is never shorter than it was.
  return { kind: 'ended', episodeId, startedAt, endedAt: Math.max(Math.round(atMs), startedAt + Math.round(ms)) };
};

/** The rule does not apply now (its times, its facts): what is open ends, what was about to begin is forgotten. */
export const endEpisode = (state: EpisodeState, atMs: number, coolDownMs: number): EpisodeChange | undefined =>
  close(state, atMs, coolDownMs);

/** One picture more. Changes `state` in place. */
export const stepEpisode = (
  state: EpisodeState,
  { atMs, stepMs, isGap = false, holds }: EpisodeStep,
  { forMs, coolDownMs, byAbsence, newId }: EpisodeLimits,
): EpisodeChange | undefined => {
  state.coolMs = Math.max(0, state.coolMs - stepMs);
  if (state.open) state.open.ms += stepMs;
  if (isGap) delete state.contrary;
  if (isGap && !state.open) forget(state);
  if (holds === undefined) {
    state.unknownMs += stepMs;
    // What went on unseen for long is not known to have gone on.
    if (!state.open && state.unknownMs >= graceMs) forget(state);
    return undefined;
  }
  state.unknownMs = 0;
  if (!holds) {
    if (state.sinceMs === undefined) return undefined;
    state.contrary ??= { sinceMs: atMs, ms: -stepMs, pictures: 0 };
    state.contrary.ms += stepMs;
    state.contrary.pictures += 1;
    state.heldMs += stepMs;
    state.pictures += 1;
    // Somebody who is seen is not absent: what was only about to begin needs no more than pictures to be undone.
    const leastMs = byAbsence && !state.open ? 0 : graceMs;
    if (state.contrary.ms < leastMs || state.contrary.pictures < gracePictures) return undefined;
    const { ms, sinceMs } = state.contrary;
    if (state.open) state.open.ms = Math.max(0, state.open.ms - ms);
    return close(state, Math.min(sinceMs, atMs), coolDownMs);
  }
  if (state.contrary && byAbsence) {
    state.contrary.pictures -= forgetting;
    state.contrary.ms = Math.max(0, state.contrary.ms - stepMs * forgetting);
    if (state.contrary.pictures <= 0) delete state.contrary;
  } else delete state.contrary;
  if (state.sinceMs === undefined) state.sinceMs = atMs;
  else state.heldMs += stepMs;
  state.heldPictures += 1;
  state.pictures += 1;
  const leastMs = byAbsence ? Math.max(forMs, graceMs) : forMs;
  const leastPictures = Math.max(byAbsence ? gracePictures : 2, state.pictures / 2);
  if (state.open || state.coolMs > 0 || state.heldMs < leastMs || state.heldPictures < leastPictures) return undefined;
  // After the clock went back the beginning would lie in the future.
  const startedAt = Math.round(Math.min(state.sinceMs, atMs));
  state.open = { episodeId: newId(atMs), startedAt, ms: state.heldMs };
  return { kind: 'began', episodeId: state.open.episodeId, startedAt };
};

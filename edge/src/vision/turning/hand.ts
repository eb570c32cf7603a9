import type { DownSteer } from '@hallhub/shared/vision';

export interface Hand {
  readonly session: string;
  readonly by: string;
}

/** Nobody heard of it for so long: it is nobody's. */
const handMs = 20_000;
/** What is on its way so long after somebody left is late no more: a cloud whose clock was ahead would shut everybody out. */
const lateMs = 60_000;

/** Whose hand a camera is in, as the cloud decided: of two sessions the one that took it later; what came late counts for nothing. */
export class HandBook {
  #held: (Hand & { readonly since: number; seq: number; untilMs: number }) | undefined;

  /** Undefined: nobody steers. */
  at(nowMs: number): Hand | undefined {
    return this.#held && nowMs < this.#held.untilMs ? { session: this.#held.session, by: this.#held.by } : undefined;
  }

  /** Whether it is to be done. */
  take(
    { session, since, seq, by, do: action }: Pick<DownSteer, 'session' | 'since' | 'seq' | 'by' | 'do'>,
    nowMs: number,
  ): boolean {
    const held = this.#held && nowMs < this.#held.untilMs + lateMs ? this.#held : undefined;
    if (held && held.session !== session && since <= held.since) return false;
    if (held?.session === session && seq <= held.seq) return false;
    // Who left is remembered: a word of theirs that was on its way is late.
    const untilMs = action.what === 'release' ? nowMs : nowMs + handMs;
    this.#held = { session, since, seq, by, untilMs };
    return true;
  }
}

/** Who has a camera in hand. */
export interface Hold {
  readonly session: string;
  readonly personId: string;
  readonly name: string;
  /** May take a camera from who may not. */
  readonly overrules: boolean;
  /** Epoch ms. */
  readonly since: number;
  readonly until: number;
}

export interface HoldRequest extends Omit<Hold, 'since' | 'until'> {
  /** Although somebody else has it. */
  readonly takeOver: boolean;
}

export type Judgement =
  | { readonly kind: 'granted'; readonly hold: Hold; readonly isNew: boolean; readonly from: Hold | undefined }
  | { readonly kind: 'held'; readonly by: Hold; readonly canTakeOver: boolean };

/** From the last word on: short enough that nobody waits for one who went for coffee. */
export const holdMs = 20_000;

/**
 * Whether somebody gets a camera in hand: a free one anybody; one that is held only who takes it over on purpose, and from
 * another person only who may and that other may not. `since` always rises, so that of two the unit knows the later one.
 */
export const judgeHold = (held: Hold | undefined, request: HoldRequest, nowMs: number): Judgement => {
  const { takeOver, ...who } = request;
  const until = nowMs + holdMs;
  if (held?.session === who.session) {
    return { kind: 'granted', hold: { ...held, ...who, until }, isNew: false, from: undefined };
  }
  const isHeld = held !== undefined && held.until > nowMs;
  const canTakeOver = isHeld && (held.personId === who.personId || (who.overrules && !held.overrules));
  if (isHeld && !(takeOver && canTakeOver)) return { kind: 'held', by: held, canTakeOver };
  const since = Math.max(nowMs, (held?.since ?? 0) + 1);
  return { kind: 'granted', hold: { ...who, since, until }, isNew: true, from: isHeld ? held : undefined };
};

/** The same with nothing asked: whether it is still theirs, and for how long. Undefined: somebody else has it. */
export const extendHold = (held: Hold | undefined, session: string, nowMs: number): Hold | undefined =>
  held?.session === session ? { ...held, until: nowMs + holdMs } : undefined;

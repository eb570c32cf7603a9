export interface AdmissionLimits {
  /** Connections let in a second, for ever, and at once. */
  readonly perSecond: number;
  readonly burst: number;
  /** Let in and not proved yet, at one time. */
  readonly maxUnproven: number;
  /** Waiting to be let in, and for how long at most; what would wait longer is refused at once. */
  readonly maxWaiting: number;
  readonly maxWaitMs: number;
  /** Unproven and waiting of one address (an IPv6 network of 64 bits). */
  readonly maxPerAddress: number;
  /** From being let in to having proved who it is. */
  readonly proveWithinMs: number;
}

/** A handshake costs about 2 ms of the one thread that also serves live units: this many leave four fifths to them. */
export const defaultHandshakesPerSecond = 100;

export const secureAdmission = (perSecond: number = defaultHandshakesPerSecond): AdmissionLimits => ({
  perSecond,
  // Handshakes that come together are one long pause for everybody else; fewer than this, and a busy process lets in too few.
  burst: Math.max(2, Math.ceil(perSecond / 25)),
  maxUnproven: 256,
  maxWaiting: perSecond * 4,
  maxWaitMs: 4_000,
  maxPerAddress: perSecond * 4,
  proveWithinMs: 10_000,
});

/** Without TLS a connection costs little; what is bounded is strangers. */
export const plainAdmission: AdmissionLimits = {
  ...{ perSecond: 1_000, burst: 500, maxUnproven: 1_000, maxWaiting: 2_000, maxWaitMs: 2_000 },
  ...{ maxPerAddress: 2_500, proveWithinMs: 10_000 },
};

import { z } from 'zod';
import { chainSchema, epochMsSchema, epochSchema, idSchema, laneSchema, seqSchema } from '../wire/primitives.js';

const count = z.number().int().min(0);

/** Rows of a day (or of many), by what became of them. */
export const proofFiguresSchema = z.object({
  /** Written by the unit, in hours that it has sealed. */
  produced: count,
  /** In their tables. */
  stored: count,
  /** Kept as they came, because they broke their contract. */
  aside: count,
  /** Dropped by the unit for want of room, signed and recorded. */
  thinned: count,
  lost: count,
  twice: count,
  /** Sealed by the unit and still on the way. */
  waiting: count,
  /** Committed in hours that are not sealed yet. */
  unsealed: count,
  /** Said again by devices with an id already used: each is one entry. */
  repeated: count,
  /** Values (not rows) that came with a time in the far future and are kept in quarantine, by the day they arrived; their rows count as stored. */
  quarantined: count.default(0),
  /** Longest time from a row's own time to its commit; null: nothing to measure. */
  delayMaxMs: count.nullable(),
});
export type ProofFigures = z.infer<typeof proofFiguresSchema>;

/**
 * `none`: nothing was written. `proven`: all sealed, all equal, nothing missing. `thinned`: the same, less what the unit dropped
 * and signed for. `pending`: not all is sealed or here yet. `different`: lost, twice, or another content.
 */
export const proofVerdicts = ['none', 'proven', 'thinned', 'pending', 'different'] as const;
export const proofVerdictSchema = z.enum(proofVerdicts);
export type ProofVerdict = z.infer<typeof proofVerdictSchema>;

export const sealSideSchema = z.object({ firstSeq: seqSchema, lastSeq: seqSchema, count, chain: chainSchema });
export type SealSide = z.infer<typeof sealSideSchema>;

/** `open`: the unit has not sealed it yet. `unknown`: it never will (its file was lost). `arriving`: rows are on the way. */
export const hourStates = ['open', 'unknown', 'arriving', 'equal', 'thinned', 'different'] as const;

export const proofHourSchema = z.object({
  lane: laneSchema,
  epoch: epochSchema,
  /** Start, epoch ms by the unit's clock. */
  hour: epochMsSchema,
  state: z.enum(hourStates),
  unit: sealSideSchema.nullable(),
  cloud: sealSideSchema.nullable(),
  figures: proofFiguresSchema,
  /** Rows of a closed epoch that live on under new numbers. */
  carried: count,
});
export type ProofHour = z.infer<typeof proofHourSchema>;

/** What no hour's count can say: why a day is not proven although its hours are equal. */
export const proofNoteSchema = z.object({
  kind: z.enum(['rollback', 'damaged', 'replaced', 'gap']),
  lane: laneSchema,
  at: epochMsSchema,
  /** `gap`: rows missing outside of any sealed hour. `rollback`: rows that may be here twice, at most. `damaged`, `replaced`: null, nobody knows. */
  rows: count.nullable(),
  reason: z.string(),
});
export type ProofNote = z.infer<typeof proofNoteSchema>;

/** docs/protocol.md 5.2: the answer to `GET /unit/v1/proof?day`. */
export const unitProofSchema = z.object({
  v: z.literal(1),
  unitId: idSchema,
  /** YYYY-MM-DD in the hall's zone. */
  day: z.string(),
  timeZone: z.string(),
  fromMs: epochMsSchema,
  toMs: epochMsSchema,
  madeAt: epochMsSchema,
  verdict: proofVerdictSchema,
  figures: proofFiguresSchema,
  hours: z.array(proofHourSchema),
  notes: z.array(proofNoteSchema),
  streams: z.array(
    z.object({ lane: laneSchema, epoch: epochSchema, cursor: seqSchema, chain: chainSchema, closed: z.boolean() }),
  ),
});
export type UnitProof = z.infer<typeof unitProofSchema>;

export const noFigures: ProofFigures = {
  ...{
    produced: 0,
    stored: 0,
    aside: 0,
    thinned: 0,
    lost: 0,
    twice: 0,
    waiting: 0,
    unsealed: 0,
    repeated: 0,
    quarantined: 0,
  },
  delayMaxMs: null,
};

export const addFigures = (a: ProofFigures, b: ProofFigures): ProofFigures => ({
  produced: a.produced + b.produced,
  stored: a.stored + b.stored,
  aside: a.aside + b.aside,
  thinned: a.thinned + b.thinned,
  lost: a.lost + b.lost,
  twice: a.twice + b.twice,
  waiting: a.waiting + b.waiting,
  unsealed: a.unsealed + b.unsealed,
  repeated: a.repeated + b.repeated,
  quarantined: a.quarantined + b.quarantined,
  delayMaxMs:
    a.delayMaxMs === null ? b.delayMaxMs : b.delayMaxMs === null ? a.delayMaxMs : Math.max(a.delayMaxMs, b.delayMaxMs),
});

import {
  addFigures,
  noFigures,
  type ProofFigures,
  type ProofHour,
  type ProofNote,
  type ProofVerdict,
  type SealSide,
} from '@hallhub/shared/proof';
import type { Lane } from '@hallhub/shared/wire';

export type { ProofHour, ProofNote, SealSide };

interface OfStream {
  readonly lane: Lane;
  readonly epoch: string;
}

/** Both ends' rows about one hour of one stream. */
export interface SealRecord extends OfStream {
  readonly hour: number;
  readonly unit: SealSide | null;
  readonly cloud: SealSide | null;
  readonly delayMaxMs: number | null;
  /** Rows of this hour that stand in `aside_rows`. */
  readonly aside: number;
}

export interface StreamFacts extends OfStream {
  readonly cursor: number;
  readonly chain: string;
  readonly closed: boolean;
  /** What the gap row said that closed it; null: open, or closed by somebody else. */
  readonly closedBy: string | null;
}

/** A signed gap: the rows from `fromSeq` to `toSeq` are not in the cloud. */
export interface GapRange extends OfStream {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly reason: string;
  readonly chain: string | null;
}

/** Rows of `[first, last]` that lie in gaps of these reasons. */
const inGaps = (gaps: readonly GapRange[], first: number, last: number, fits: (reason: string) => boolean): number => {
  let rows = 0;
  for (const { fromSeq, toSeq, reason } of gaps) {
    if (fits(reason)) rows += Math.max(0, Math.min(toSeq, last) - Math.max(fromSeq, first) + 1);
  }
  return rows;
};

/**
 * One hour: what the unit says it wrote against what the cloud says it committed.
 * produced = stored + aside + thinned + lost + waiting - twice, always.
 */
export const hourProof = (
  record: SealRecord,
  stream: StreamFacts | undefined,
  gaps: readonly GapRange[],
): ProofHour => {
  const { unit, cloud, aside, delayMaxMs } = record;
  const { lane, epoch, hour } = record;
  const shown = { lane, epoch, hour, unit, cloud };
  const committed = cloud?.count ?? 0;
  const base: ProofFigures = { ...noFigures, delayMaxMs };
  if (unit === null) {
    const state = stream?.closed ? 'unknown' : 'open';
    return { ...shown, state, carried: 0, figures: { ...base, unsealed: committed } };
  }
  const cursor = stream?.cursor ?? 0;
  const lastHere = Math.min(unit.lastSeq, cursor);
  const beyond = unit.lastSeq - Math.max(cursor, unit.firstSeq - 1);
  const ahead = Math.max(0, beyond);
  // A closed epoch takes nothing more: what lay beyond its cursor was renumbered, or went with a damaged file or the old box.
  const wentAway = stream?.closedBy === 'damaged' || stream?.closedBy === 'replaced';
  const carried = stream?.closed && !wentAway ? ahead : 0;
  const gone = stream?.closed && wentAway ? ahead : 0;
  const waiting = ahead - carried - gone;
  const thinned = inGaps(gaps, unit.firstSeq, lastHere, (reason) => reason === 'thinned');
  const missing = inGaps(gaps, unit.firstSeq, lastHere, (reason) => reason !== 'thinned');
  const expected = Math.max(0, lastHere - unit.firstSeq + 1) - thinned - missing;
  const unexplained = Math.max(0, expected - committed);
  const twice = Math.max(0, committed - expected);
  const figures: ProofFigures = {
    ...base,
    produced: unit.lastSeq - unit.firstSeq + 1 - carried,
    stored: committed - aside,
    aside,
    thinned,
    lost: missing + unexplained + gone,
    twice,
    waiting,
  };
  const differs =
    figures.lost > 0 ||
    twice > 0 ||
    unit.count !== unit.lastSeq - unit.firstSeq + 1 ||
    (cloud !== null && (cloud.firstSeq < unit.firstSeq || cloud.lastSeq > lastHere)) ||
    (cursor >= unit.lastSeq && !sameEnd(unit, cloud, gaps));
  const state = differs ? 'different' : waiting > 0 ? 'arriving' : thinned > 0 ? 'thinned' : 'equal';
  return { ...shown, state, carried, figures };
};

/** The chain at the hour's end is the same at both ends; for an hour that ends within a gap, as far as the gap's own chain says. */
const sameEnd = (unit: SealSide, cloud: SealSide | null, gaps: readonly GapRange[]): boolean => {
  const over = gaps.find(({ fromSeq, toSeq }) => fromSeq <= unit.lastSeq && unit.lastSeq <= toSeq);
  if (over) return over.toSeq !== unit.lastSeq || over.chain === null || over.chain === unit.chain;
  return cloud !== null && cloud.lastSeq === unit.lastSeq && cloud.chain === unit.chain;
};

export interface DayProof {
  readonly verdict: ProofVerdict;
  readonly figures: ProofFigures;
  readonly hours: readonly ProofHour[];
  readonly notes: readonly ProofNote[];
}

/**
 * A day is as good as its worst hour. Rows missing outside of any sealed hour, and rolled-back files, count as well.
 * `base`: what is known of the day beside these hours (others that are equal, repeated events).
 */
export const dayProof = (
  hours: readonly ProofHour[],
  notes: readonly ProofNote[],
  base: ProofFigures = noFigures,
): DayProof => {
  let figures = base;
  for (const hour of hours) figures = addFigures(figures, hour.figures);
  for (const note of notes) figures = addFigures(figures, ofNote(note));
  return { verdict: verdictOf(hours, notes, figures), figures, hours, notes };
};

const ofNote = (note: ProofNote): ProofFigures => {
  const rows = note.rows ?? 0;
  if (note.kind === 'rollback') return { ...noFigures, twice: rows };
  if (note.kind === 'damaged' || note.kind === 'replaced') return noFigures;
  return note.reason === 'thinned'
    ? { ...noFigures, produced: rows, thinned: rows }
    : { ...noFigures, produced: rows, lost: rows };
};

const verdictOf = (hours: readonly ProofHour[], notes: readonly ProofNote[], figures: ProofFigures): ProofVerdict => {
  const states = new Set(hours.map(({ state }) => state));
  const unsure = notes.some(
    ({ kind, rows }) => kind === 'damaged' || kind === 'replaced' || (kind === 'rollback' && rows !== 0),
  );
  // `unknown`: the unit's own count is gone with its file, so that nobody will ever prove those hours.
  if (states.has('different') || states.has('unknown') || figures.lost > 0 || figures.twice > 0 || unsure)
    return 'different';
  if (states.has('open') || states.has('arriving')) return 'pending';
  if (figures.thinned > 0) return 'thinned';
  return figures.produced === 0 ? 'none' : 'proven';
};

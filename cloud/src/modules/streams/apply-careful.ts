import { behindSavepoint } from '../../db/index.js';
import { isAboutRows } from './about-rows.js';
import { applyRows, type RowWriters } from './apply-rows.js';
import type { IngestContext } from './ingest-context.js';
import { setAside } from './ingest-context.js';
import type { AsideRow, PlacedRow } from './read-rows.js';

/** How many announcements and tallies there were. */
export interface Mark {
  readonly announcements: number;
  readonly tallies: number;
}

export interface CarefulContext extends IngestContext {
  /** Where announcements and tallies stand, and going back to it. */
  mark(): Mark;
  forgetAfter(mark: Mark): void;
}

/**
 * The slow path after a bulk write failed: halves the rows behind savepoints until the ones that cannot be stored stand
 * alone, and sets those aside. k bad rows of n cost about k·log n statements' worth of retries.
 */
export const applyCareful = async (
  context: CarefulContext,
  rows: readonly PlacedRow[],
  writers: RowWriters,
): Promise<AsideRow[]> => {
  if (rows.length === 0) return [];
  const mark = context.mark();
  try {
    return await behindSavepoint(context.tx, () => applyRows(context, rows, writers));
  } catch (error) {
    if (!isAboutRows(error)) throw error;
    context.forgetAfter(mark);
    if (rows.length === 1) return [setAside(rows[0]!, 'unstorable', (error as Error).message.slice(0, 500))];
  }
  const middle = rows.length >> 1;
  return [
    ...(await applyCareful(context, rows.slice(0, middle), writers)),
    ...(await applyCareful(context, rows.slice(middle), writers)),
  ];
};

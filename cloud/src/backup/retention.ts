/** How many backups are kept: the newest of each of the last `daily` days and of each of the last `weekly` weeks that have one. */
export interface Retention {
  readonly daily: number;
  readonly weekly: number;
}

export interface KeptBackup {
  readonly file: string;
  readonly atMs: number;
  /** Restored and compared, with a good end. */
  readonly verified: boolean;
}

const dayMs = 86_400_000;
/** Weeks begin on Monday; day 0 of the epoch was a Thursday. */
const weekOf = (atMs: number): number => Math.floor((atMs / dayMs + 3) / 7);
const dayOf = (atMs: number): number => Math.floor(atMs / dayMs);

/** Files that may go. The newest one stays, and so does the newest that was proved to restore, however old. */
export const expired = (backups: readonly KeptBackup[], { daily, weekly }: Retention): string[] => {
  const newestFirst = [...backups].sort((a, b) => b.atMs - a.atMs);
  const kept = new Set<string>();
  const keepNewestOf = (period: (atMs: number) => number, count: number): void => {
    const seen = new Set<number>();
    for (const { file, atMs } of newestFirst) {
      if (seen.has(period(atMs))) continue;
      if (seen.size >= count) return;
      seen.add(period(atMs));
      kept.add(file);
    }
  };
  keepNewestOf(dayOf, daily);
  keepNewestOf(weekOf, weekly);
  if (newestFirst[0]) kept.add(newestFirst[0].file);
  const proved = newestFirst.find(({ verified }) => verified);
  if (proved) kept.add(proved.file);
  return newestFirst.filter(({ file }) => !kept.has(file)).map(({ file }) => file);
};

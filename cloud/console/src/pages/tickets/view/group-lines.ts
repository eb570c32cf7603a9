import type { HistoryLine } from '../../../api/tickets.js';

/** What one person did at one moment. */
export interface HistoryGroup {
  key: number;
  at: string;
  by: HistoryLine['by'];
  onBehalfOf: HistoryLine['onBehalfOf'];
  lines: HistoryLine[];
  opinion: string | null;
}

/** Lines of one act stand together, newest act first. */
export const groupLines = (lines: readonly HistoryLine[]): HistoryGroup[] => {
  const groups: HistoryGroup[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last && last.at === line.at && last.by.id === line.by.id && last.by.name === line.by.name) {
      last.lines.push(line);
      last.opinion ??= line.opinion;
      last.onBehalfOf ??= line.onBehalfOf;
    } else {
      const { seq, at, by, onBehalfOf, opinion } = line;
      groups.push({ key: seq, at, by, onBehalfOf, lines: [line], opinion });
    }
  }
  return groups.reverse();
};

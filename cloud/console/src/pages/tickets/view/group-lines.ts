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

/** What a rule asked for by itself, where what came of it stands below. */
const isAnswered = ({ type, by, action }: HistoryLine, later: readonly HistoryLine[]): boolean =>
  type === 'begin_wanted' &&
  by.id === null &&
  later.some((one) => (one.type === 'begun' || one.type === 'begin_failed') && one.action?.zh === action?.zh);

/** Lines of one act stand together, newest act first. */
export const groupLines = (lines: readonly HistoryLine[]): HistoryGroup[] => {
  const groups: HistoryGroup[] = [];
  for (const [i, line] of lines.entries()) {
    if (isAnswered(line, lines.slice(i + 1))) continue;
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

/** Whether somebody wrote something: remarks, reasons, instructions, answers of the requester, texts of the form. */
export const hasWords = ({ opinion, lines }: HistoryGroup): boolean =>
  Boolean(opinion) || lines.some(({ fields }) => fields.some(({ words }) => words !== null));

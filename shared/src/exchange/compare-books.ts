import type { ExchangeBookLine } from './message.js';

/** Where the two ends’ books do not agree. */
export interface BookDifference {
  readonly owner: ExchangeBookLine['owner'];
  readonly number: string;
  readonly kind: 'missing_here' | 'missing_there' | 'differs';
  readonly here: ExchangeBookLine | null;
  readonly there: ExchangeBookLine | null;
}

const keyOf = ({ owner, number }: { readonly owner: string; readonly number: string }) => `${owner}:${number}`;
const isSame = (a: ExchangeBookLine, b: ExchangeBookLine) =>
  a.state === b.state && a.extension === b.extension && a.fromHub === b.fromHub && a.fromPlatform === b.fromPlatform;

/** What differs between two books; what is still on its way (`underWay`, by `owner:number`) is none. */
export const compareBooks = (
  here: readonly ExchangeBookLine[],
  there: readonly ExchangeBookLine[],
  underWay: ReadonlySet<string> = new Set(),
): readonly BookDifference[] => {
  const theirs = new Map(there.map((line) => [keyOf(line), line]));
  const found: BookDifference[] = [];
  for (const line of here) {
    const key = keyOf(line);
    const other = theirs.get(key) ?? null;
    theirs.delete(key);
    if (underWay.has(key) || (other && isSame(line, other))) continue;
    const { owner, number } = line;
    found.push({ owner, number, kind: other ? 'differs' : 'missing_there', here: line, there: other });
  }
  for (const [key, line] of theirs) {
    if (underWay.has(key)) continue;
    found.push({ owner: line.owner, number: line.number, kind: 'missing_here', here: null, there: line });
  }
  return found;
};

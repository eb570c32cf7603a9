import { type DrillResult, isProven } from './run-drill.js';

const mega = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`;
const n = (count: number) => count.toLocaleString('en-US');
const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;

/** For a terminal. */
export const drillLines = (result: DrillResult): string[] => {
  const { figures: f, books, rss } = result;
  const rows: [string, string][] = [
    ['seed', String(result.seed)],
    ['units', n(result.units)],
    ['under faults', seconds(result.faultMs)],
    ['caught up after', seconds(result.catchUpMs)],
    ['faults', faultText(result)],
    ['produced', n(f.produced)],
    ['committed', n(f.stored)],
    ['aside', n(f.aside)],
    ['given up for room', n(f.thinned)],
    ['lost', n(f.lost)],
    ['twice', n(f.twice)],
    ['longest delay', f.delayMaxMs === null ? 'unknown' : seconds(f.delayMaxMs)],
    ['acknowledged to devices', n(books.acknowledged)],
    ['… of them missing', n(books.missing)],
    ['… there twice', n(books.double)],
    ['… in quarantine', n(books.quarantined)],
    ['writes refused', n(result.refusedWrites)],
    ['cloud ended by itself', `${result.cloudEnds.starting} while starting, ${result.cloudEnds.running} later`],
    ['resident memory', `cloud ${rss.cloudBytes.map(mega).join(' and ')}, all units ${mega(rss.unitsBytes)}`],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(24)} ${value}`);
  for (const one of result.notPossible) lines.push(`not done here            ${one}`);
  for (const { unitId, verdict, figures } of result.unproven)
    lines.push(`NOT PROVEN ${unitId} (${verdict}): ${JSON.stringify(figures)}`);
  for (const book of result.badBooks) lines.push(`BOOKS DIFFER, unit ${book.index}: ${JSON.stringify(book)}`);
  lines.push(isProven(result) ? 'PROVEN: nothing lost, nothing twice' : 'NOT PROVEN');
  return lines;
};

export const faultText = ({ faults }: DrillResult): string =>
  Object.entries(faults)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

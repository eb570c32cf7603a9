import type { ExchangeResult } from './exchange-result.js';

const n = (count: number) => count.toLocaleString('en-US');
const counts = (of: Readonly<Record<string, number>>) =>
  Object.entries(of)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${n(count)} ${name}`)
    .join(', ') || 'none';

export const isAgreed = ({
  lost,
  twice,
  differences,
  underWay,
  comparison,
  each,
  exchanged,
}: ExchangeResult): boolean =>
  lost === 0 &&
  twice === 0 &&
  differences.length === 0 &&
  underWay === 0 &&
  comparison === 'equal' &&
  exchanged === 2 * each;

/** For a terminal. */
export const exchangeLines = (result: ExchangeResult): string[] => {
  const { files } = result;
  const rows: [string, string][] = [
    ['seed', String(result.seed)],
    ['tickets exchanged', `${n(result.exchanged)} of ${n(2 * result.each)}, ${counts(result.endStates)}`],
    ['acts accepted', `${n(result.fromHub)} of the hub, ${n(result.fromPlatform)} of the platform`],
    ['acts a second', result.perSecond.toFixed(1)],
    [
      'attachments',
      `${n(files.sent)} sent, ${n(files.received)} received, ${n(files.leftOut)} left out with their reason`,
    ],
    ['had already (repeated)', n(result.repeated)],
    ['refused by the hub', counts(result.refusedHere)],
    ['refused by the platform', counts(result.refusedThere)],
    ['faults', counts(result.faults)],
    ['lost', n(result.lost)],
    ['twice', n(result.twice)],
    ['differences', n(result.differences.length)],
    ['on the way', n(result.underWay)],
    ['the hub’s own comparison', result.comparison],
    ['took', `${(result.seconds / 60).toFixed(1)} min`],
    ...result.differences.slice(0, 10).map((one): [string, string] => ['difference', one]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
};

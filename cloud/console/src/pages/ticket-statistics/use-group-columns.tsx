import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketGroup } from '../../api/ticket-statistics.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Growth } from './Growth.js';
import { growth, wholeSeconds } from './statistics-span.js';
import { usePercent } from './use-percent.js';

export interface GroupColumn {
  readonly id: string;
  readonly title: string;
  /** Of the column in a sheet, where it names the unit. */
  readonly inSheet?: string;
  readonly cell: (group: TicketGroup) => ReactNode;
  /** For sheets: plain, with a point, shares in percent, times in hours. */
  readonly text: (group: TicketGroup) => string;
  /** What rows are ordered by; undefined where there is nothing to compare. */
  readonly sort: (group: TicketGroup) => number | undefined;
}

const plain = (value: number | undefined | null): string =>
  value === undefined || value === null ? '' : String(Math.round(value * 100) / 100);

/** What is told of each group, the name aside. */
export function useGroupColumns(): GroupColumn[] {
  const { t } = useTranslation('ticketStatistics');
  const language = useLanguage();
  const percent = usePercent();
  const count = (key: 'made' | 'closed' | 'returned' | 'reopened'): GroupColumn => ({
    id: key,
    title: t(key === 'returned' ? 'sentBack' : key),
    cell: (group) => formatNumber(group[key], language),
    text: (group) => plain(group[key]),
    sort: (group) => group[key],
  });
  const share = (key: 'onTime' | 'firstTime' | 'closedLoop' | 'satisfied'): GroupColumn => {
    const of = (group: TicketGroup) => (group[key].of === 0 ? undefined : group[key].n / group[key].of);
    return {
      id: key,
      title: t(key),
      cell: (group) => (
        <span title={group[key].of > 0 ? `${group[key].n} / ${group[key].of}` : ''}>{percent(group[key])}</span>
      ),
      text: (group) => {
        const value = of(group);
        return value === undefined ? '' : `${plain(100 * value)}%`;
      },
      sort: of,
    };
  };
  return [
    count('made'),
    {
      id: 'growth',
      title: t('growth.before'),
      cell: (group) => <Growth now={group.made} before={group.before} against={t('growth.before')} />,
      text: (group) => {
        const change = growth(group.made, group.before);
        return change === undefined ? '' : `${plain(100 * change)}%`;
      },
      sort: (group) => growth(group.made, group.before),
    },
    count('closed'),
    ...(['onTime', 'firstTime', 'closedLoop', 'satisfied'] as const).map(share),
    count('returned'),
    count('reopened'),
    {
      id: 'solvedMean',
      title: t('solvedMean'),
      inSheet: t('solvedHours'),
      cell: ({ solvedMeanS }) => (solvedMeanS === null ? '—' : formatDuration(wholeSeconds(solvedMeanS), language)),
      text: ({ solvedMeanS }) => plain(solvedMeanS === null ? null : solvedMeanS / 3_600),
      sort: ({ solvedMeanS }) => solvedMeanS ?? undefined,
    },
  ];
}

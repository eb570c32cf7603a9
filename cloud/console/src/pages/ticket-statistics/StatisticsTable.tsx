import { useTranslation } from 'react-i18next';
import type { TicketGroup } from '../../api/ticket-statistics.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { type GroupOrder, ordered } from './group-order.js';
import { useGroupColumns } from './use-group-columns.js';

interface StatisticsTableProps {
  groups: readonly TicketGroup[];
  caption: string;
  nameOf: (group: TicketGroup) => string;
  /** Of the list that shows the tickets of a group. */
  searchOf: (group: TicketGroup, key: string) => Record<string, string>;
  order: GroupOrder | undefined;
  onOrder: (by: string) => void;
}

/** One row a group, each leading to its tickets. */
export function StatisticsTable({ groups, caption, nameOf, searchOf, order, onOrder }: StatisticsTableProps) {
  const { t } = useTranslation('ticketStatistics');
  const columns = useGroupColumns();
  const most = Math.max(1, ...groups.map(({ made }) => made));
  const by = columns.find(({ id }) => id === order?.by);
  const rows = by ? ordered(groups, by.sort, order?.descending ?? false) : groups;
  const name = (group: TicketGroup) => {
    if (group.key === null) return <span className="soft">{nameOf(group)}</span>;
    return (
      <AppLink to={paths.tickets()} search={searchOf(group, group.key)} title={t('seeTickets')}>
        {nameOf(group)}
      </AppLink>
    );
  };
  const sorted = (id: string) => (order?.by !== id ? undefined : order.descending ? 'descending' : 'ascending');
  return (
    <div className="stat-scroll card">
      <table className="stat-table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{caption}</th>
            {columns.flatMap(({ id, title }, index) => [
              <th key={id} scope="col" aria-sort={sorted(id)}>
                <button type="button" className="stat-sort" onClick={() => onOrder(id)}>
                  {title}
                  <span aria-hidden="true" className="stat-arrow">
                    {sorted(id) === 'descending' ? '↓' : sorted(id) === 'ascending' ? '↑' : ''}
                  </span>
                </button>
              </th>,
              ...(index === 0 ? [<td key="bar" aria-hidden="true" />] : []),
            ])}
          </tr>
        </thead>
        <tbody>
          {rows.map((group) => (
            <tr key={group.key ?? ''}>
              <th scope="row" title={nameOf(group)}>
                {name(group)}
              </th>
              {columns.flatMap(({ id, cell }, index) => [
                <td key={id} className="number">
                  {cell(group)}
                </td>,
                ...(index === 0
                  ? [
                      <td key="bar" className="stat-bar" aria-hidden="true">
                        <span style={{ width: `${(100 * group.made) / most}%` }} />
                      </td>,
                    ]
                  : []),
              ])}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

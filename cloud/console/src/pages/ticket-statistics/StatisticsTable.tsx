import { useTranslation } from 'react-i18next';
import type { TicketGroup, TicketStatistics } from '../../api/ticket-statistics.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Growth } from './Growth.js';
import { usePercent } from './use-percent.js';

interface StatisticsTableProps {
  data: TicketStatistics;
  caption: string;
  /** What a group is called where the API leaves it to the page. */
  nameOf: (key: string) => string;
  /** Of the list that shows the tickets of a group; undefined: no list can. */
  searchOf: (key: string) => Record<string, string> | undefined;
}

/** One row a group, each leading to its tickets where a list can show them. */
export function StatisticsTable({ data, caption, nameOf, searchOf }: StatisticsTableProps) {
  const { t } = useTranslation('ticketStatistics');
  const language = useLanguage();
  const label = useLabel();
  const percent = usePercent();
  const number = (n: number) => formatNumber(n, language);
  const most = Math.max(1, ...data.groups.map(({ made }) => made));
  const name = ({ key, label: known }: TicketGroup) => {
    if (key === null) return <span className="soft">{t('notFilledIn')}</span>;
    const text = known ? label(known) : nameOf(key);
    const search = searchOf(key);
    return search ? (
      <AppLink to={paths.tickets()} search={search} title={t('seeTickets')}>
        {text}
      </AppLink>
    ) : (
      text
    );
  };
  return (
    <div className="stat-scroll card">
      <table className="stat-table">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{caption}</th>
            <th scope="col" colSpan={2}>
              {t('made')}
            </th>
            <th scope="col">{t('growth.before')}</th>
            <th scope="col">{t('closed')}</th>
            <th scope="col">{t('onTime')}</th>
            <th scope="col">{t('firstTime')}</th>
            <th scope="col">{t('closedLoop')}</th>
            <th scope="col">{t('satisfied')}</th>
            <th scope="col">{t('reopened')}</th>
            <th scope="col">{t('solvedMean')}</th>
          </tr>
        </thead>
        <tbody>
          {data.groups.map((group) => (
            <tr key={group.key ?? ''}>
              <th scope="row">{name(group)}</th>
              <td className="number">{number(group.made)}</td>
              <td className="stat-bar" aria-hidden="true">
                <span style={{ width: `${(100 * group.made) / most}%` }} />
              </td>
              <td className="number">
                <Growth now={group.made} before={group.before} against={t('growth.before')} />
              </td>
              <td className="number">{number(group.closed)}</td>
              <td className="number">{percent(group.onTime)}</td>
              <td className="number">{percent(group.firstTime)}</td>
              <td className="number">{percent(group.closedLoop)}</td>
              <td className="number">{percent(group.satisfied)}</td>
              <td className="number">{number(group.reopened)}</td>
              <td className="number">
                {group.solvedMeanS === null ? '—' : formatDuration(group.solvedMeanS * 1_000, language)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

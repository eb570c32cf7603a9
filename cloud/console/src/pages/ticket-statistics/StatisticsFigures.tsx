import { useTranslation } from 'react-i18next';
import type { TicketStatistics } from '../../api/ticket-statistics.js';
import { formatDecimals, formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Growth } from './Growth.js';
import { wholeSeconds } from './statistics-span.js';
import { usePercent } from './use-percent.js';

/** The figures above everything: how many, how well. */
export function StatisticsFigures({ data }: { data: TicketStatistics }) {
  const { t } = useTranslation('ticketStatistics');
  const language = useLanguage();
  const percent = usePercent();
  const { total, before, yearBefore } = data;
  const shares = ['onTime', 'firstTime', 'closedLoop', 'satisfied'] as const;
  return (
    <dl className="stat-figures card">
      <div>
        <dt>{t('made')}</dt>
        <dd>
          {formatNumber(total.made, language)}
          <span className="stat-note">
            {t('growth.before')} <Growth now={total.made} before={before.made} against={t('growth.before')} />
            {' · '}
            {t('growth.year')} <Growth now={total.made} before={yearBefore.made} against={t('growth.year')} />
          </span>
        </dd>
      </div>
      <div>
        <dt>{t('closed')}</dt>
        <dd>
          {formatNumber(total.closed, language)}
          <span className="stat-note">
            {t('running', { count: total.running, amount: formatNumber(total.running, language) })}
            {total.ended > total.closed
              ? ` · ${t('otherwise', { count: total.ended - total.closed, amount: formatNumber(total.ended - total.closed, language) })}`
              : ''}
          </span>
        </dd>
      </div>
      {shares.map((key) => (
        <div key={key}>
          <dt>{t(key)}</dt>
          <dd>
            {percent(total[key])}
            <span className="stat-note">
              {t('growth.before')} {percent(before[key])}
              {key === 'satisfied' && total.satisfactionMean !== null
                ? ` · ${t('mean', { mean: formatDecimals(total.satisfactionMean, language, 1) })}`
                : ''}
            </span>
          </dd>
        </div>
      ))}
      <div>
        <dt>{t('solvedMean')}</dt>
        <dd>
          {total.solvedMeanS === null ? '—' : formatDuration(wholeSeconds(total.solvedMeanS), language)}
          <span className="stat-note">
            {t('signedMean', {
              time: total.signedMeanS === null ? '—' : formatDuration(wholeSeconds(total.signedMeanS), language),
            })}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t('reopened')}</dt>
        <dd>
          {formatNumber(total.reopened, language)}
          <span className="stat-note">
            {t('returned', { count: total.returned, amount: formatNumber(total.returned, language) })}
          </span>
        </dd>
      </div>
    </dl>
  );
}

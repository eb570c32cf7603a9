import { useTranslation } from 'react-i18next';
import type { VisionStatistics } from '../../api/vision-statistics.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';

/** The five figures above everything. */
export function OverviewFigures({ data, span }: { data: VisionStatistics; span: { from: string; to: string } }) {
  const { t } = useTranslation('video');
  const language = useLanguage();
  const percent = (share: number | null) =>
    share === null ? '—' : `${formatNumber(Math.round(share * 100), language)} %`;
  return (
    <dl className="figures card">
      <div>
        <dt>{t('overview.found')}</dt>
        <dd>{formatNumber(data.findings, language)}</dd>
      </div>
      <div>
        <dt>{t('overview.waiting')}</dt>
        <dd>
          <AppLink to={paths.review()} search={span}>
            {formatNumber(data.open, language)}
          </AppLink>
        </dd>
      </div>
      <div>
        <dt>{t('overview.reviewed')}</dt>
        <dd>{percent(data.reviewRate)}</dd>
      </div>
      <div>
        <dt>{t('overview.precision')}</dt>
        <dd>
          {percent(data.precision)}
          <span className="figures-note">
            {t('overview.ofDecided', { accepted: data.accepted, decided: data.decided })}
          </span>
        </dd>
      </div>
      <div>
        <dt>{t('overview.median')}</dt>
        <dd>
          {data.decideMedianMs === null ? '—' : formatDuration(Math.max(1_000, data.decideMedianMs), language)}
          <span className="figures-note">{t('overview.medianNote')}</span>
        </dd>
      </div>
    </dl>
  );
}

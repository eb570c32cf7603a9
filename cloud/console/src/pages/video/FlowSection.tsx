import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { flowQuery } from '../../api/vision-statistics.js';
import { formatNumber } from '../../format/number.js';
import { useLanguage } from '../../i18n/use-language.js';
import { BarChart } from '../../ui/chart/BarChart.js';
import { Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { dayMs, type OverviewSpan } from './overview-range.js';

interface FlowProps {
  hallId: string | undefined;
  span: OverviewSpan;
  step: 'hour' | 'day';
}

/** How many came and went. */
export function FlowSection({ hallId, span, step }: FlowProps) {
  const { t } = useTranslation('video');
  const language = useLanguage();
  const query = useQuery(flowQuery({ hallId, ...span.query, step }));
  const stepMs = step === 'day' ? dayMs : 3_600_000;
  const points = query.data?.points ?? [];
  const bars = (of: 'in' | 'out') =>
    points.map((point) => ({
      fromMs: Date.parse(point.at),
      toMs: Date.parse(point.at) + stepMs,
      amount: point[of] ?? 0,
    }));
  const sum = (of: 'in' | 'out') =>
    formatNumber(
      points.reduce((all, point) => all + (point[of] ?? 0), 0),
      language,
    );
  return (
    <Section title={t('overview.flow')}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : !query.data ? (
        <div className="card-pad">
          <SkeletonLines lines={3} />
        </div>
      ) : points.length === 0 ? (
        <p className="card-pad soft">{t('overview.flowNone')}</p>
      ) : (
        <div className="card-pad flow-charts">
          {(['in', 'out'] as const).map((of) => (
            <div key={of}>
              <p className="soft">
                {t(`overview.${of}`)} <b>{sum(of)}</b>
              </p>
              <BarChart
                label={t(`overview.${of}`)}
                unit={t('overview.people')}
                bars={bars(of)}
                fromMs={span.fromMs}
                toMs={span.toMs}
                digits={0}
                height={150}
              />
            </div>
          ))}
        </div>
      )}
    </Section>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { precisionQuery } from '../../api/rule-precision.js';
import { statisticsQuery } from '../../api/vision-statistics.js';
import { oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { Page, Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FindingCharts } from './FindingCharts.js';
import { FlowSection } from './FlowSection.js';
import { OverviewFigures } from './OverviewFigures.js';
import { type OverviewRange, ranges, useSpan } from './overview-range.js';
import { PrecisionList } from './PrecisionList.js';
import { VideoTabs } from './VideoTabs.js';
import './overview.css';

const searchSchema = z.object({ range: oneOf(ranges) });

/** What was found and what became of it; how right the rules are; how people moved. */
export default function OverviewPage() {
  const { t } = useTranslation(['video', 'review']);
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const range = search.range ?? 'today';
  const span = useSpan(range);
  const query = useQuery(statisticsQuery({ hallId, ...span.query }));
  const data = query.data;
  const nameOf = (value: OverviewRange) =>
    value === 'month' || value === 'lastMonth' ? t(`review:stats.${value}`) : t(`overview.range.${value}`);
  return (
    <Page
      title={t('overview.title')}
      tabs={<VideoTabs active="overview" />}
      actions={
        <Segmented
          aria-label={t('overview.range.label')}
          value={range}
          options={ranges.map((value) => ({ value, label: nameOf(value) }))}
          onChange={(next) => setSearch({ range: next })}
        />
      }
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : !data ? (
        <SkeletonLines lines={8} />
      ) : (
        <>
          <OverviewFigures data={data} span={span.query} />
          {data.findings === 0 ? (
            <Empty icon="camera" title={t('overview.empty')} hint={t('overview.emptyHint')} />
          ) : (
            <FindingCharts data={data} span={span} isDay={range === 'today'} />
          )}
          {data.refused > 0 ? (
            <p className="warn-text small overview-refused">{t('overview.refused', { count: data.refused })}</p>
          ) : null}
        </>
      )}
      <Precision hallId={hallId} />
      <FlowSection hallId={hallId} span={span} step={range === 'today' || range === '7d' ? 'hour' : 'day'} />
    </Page>
  );
}

function Precision({ hallId }: { hallId: string | undefined }) {
  const { t } = useTranslation('video');
  const query = useQuery(precisionQuery({ hallId }));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  if (!query.data || query.data.items.length === 0) return null;
  return (
    <Section title={t('overview.rules')}>
      <p className="card-pad small soft precision-hint">{t('overview.rulesHint')}</p>
      <PrecisionList items={query.data.items.slice(0, 30)} />
    </Section>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { flowQuery, precisionQuery, statisticsQuery, type VisionStatistics } from '../../api/vision.js';
import { AppLink } from '../../app/AppLink.js';
import { oneOf, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { BarChart } from '../../ui/chart/BarChart.js';
import { Page, Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { PrecisionList } from './PrecisionList.js';
import { useAlgorithmName } from './use-algorithm-name.js';
import { VideoTabs } from './VideoTabs.js';
import './overview.css';

const dayMs = 86_400_000;
const ranges = ['today', '7d', '30d'] as const;
const searchSchema = z.object({ range: oneOf(ranges) });

/** From the beginning of a day to the next one's; the query stays the same for a minute. */
function useSpan(range: (typeof ranges)[number]): {
  fromMs: number;
  toMs: number;
  query: { from: string; to: string };
} {
  const minute = Math.floor(Date.now() / 60_000);
  return useMemo(() => {
    const midnight = new Date(minute * 60_000);
    midnight.setHours(0, 0, 0, 0);
    const toMs = midnight.getTime() + dayMs;
    const fromMs = toMs - (range === 'today' ? 1 : range === '7d' ? 7 : 30) * dayMs;
    return { fromMs, toMs, query: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() } };
  }, [minute, range]);
}

/** What was found and what became of it; how right the rules are; how people moved. */
export default function OverviewPage() {
  const { t } = useTranslation('video');
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const range = search.range ?? 'today';
  const span = useSpan(range);
  const query = useQuery(statisticsQuery({ hallId, ...span.query }));
  const data = query.data;
  return (
    <Page
      title={t('overview.title')}
      tabs={<VideoTabs active="overview" />}
      actions={
        <Segmented
          aria-label={t('overview.range.label')}
          value={range}
          options={ranges.map((value) => ({ value, label: t(`overview.range.${value}`) }))}
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
          <Figures data={data} />
          {data.findings === 0 ? (
            <Empty icon="camera" title={t('overview.empty')} hint={t('overview.emptyHint')} />
          ) : (
            <Findings data={data} range={range} fromMs={span.fromMs} toMs={span.toMs} />
          )}
          {data.refused > 0 ? (
            <p className="warn-text small overview-refused">{t('overview.refused', { count: data.refused })}</p>
          ) : null}
        </>
      )}
      <Precision hallId={hallId} />
      <Flow hallId={hallId} span={span} step={range === '30d' ? 'day' : 'hour'} />
    </Page>
  );
}

function Figures({ data }: { data: VisionStatistics }) {
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
          <AppLink to={paths.review()}>{formatNumber(data.open, language)}</AppLink>
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

interface FindingsProps {
  data: VisionStatistics;
  range: (typeof ranges)[number];
  fromMs: number;
  toMs: number;
}

function Findings({ data, range, fromMs, toMs }: FindingsProps) {
  const { t } = useTranslation('video');
  const algorithm = useAlgorithmName();
  const byDay = data.byDay.map(({ day, findings }) => {
    const from = new Date(`${day}T00:00:00`).getTime();
    return { fromMs: from, toMs: from + dayMs, amount: findings };
  });
  const byHour = data.byHour.map((amount, hour) => ({
    fromMs: fromMs + hour * 3_600_000,
    toMs: fromMs + (hour + 1) * 3_600_000,
    amount,
  }));
  const topHours = data.byHour
    .map((findings, hour) => ({
      key: String(hour),
      name: `${String(hour).padStart(2, '0')}:00–${String(hour + 1).padStart(2, '0')}:00`,
      findings,
    }))
    .filter(({ findings }) => findings > 0)
    .sort((a, b) => b.findings - a.findings)
    .slice(0, 5);
  return (
    <div className="overview-grid">
      <Section title={range === 'today' ? t('overview.byHour') : t('overview.byDay')}>
        <div className="card-pad">
          {range === 'today' ? (
            <BarChart
              label={t('overview.byHour')}
              unit={t('overview.count')}
              bars={byHour}
              fromMs={fromMs}
              toMs={toMs}
              digits={0}
              height={200}
            />
          ) : (
            <BarChart
              label={t('overview.byDay')}
              unit={t('overview.count')}
              bars={byDay}
              fromMs={fromMs}
              toMs={toMs}
              digits={0}
              height={200}
            />
          )}
        </div>
      </Section>
      <Section title={t('overview.byAlgorithm')}>
        <Shares
          rows={data.byAlgorithm.map((one) => ({
            key: one.algorithm,
            name: algorithm(one.algorithm),
            findings: one.findings,
          }))}
          all={data.findings}
        />
      </Section>
      <Section title={t('overview.byCamera')}>
        <Shares
          rows={data.byCamera.slice(0, 8).map((one) => ({
            key: one.deviceId,
            name: <AppLink to={paths.camera(one.deviceId)}>{one.name}</AppLink>,
            findings: one.findings,
          }))}
          all={data.findings}
        />
      </Section>
      <Section title={t('overview.topHalls')}>
        <Shares
          rows={data.byHall.map((one) => ({ key: one.hallId, name: one.name, findings: one.findings }))}
          all={data.findings}
        />
      </Section>
      <Section title={t('overview.topHours')}>
        <Shares rows={topHours} all={data.findings} />
      </Section>
    </div>
  );
}

function Shares({ rows, all }: { rows: { key: string; name: React.ReactNode; findings: number }[]; all: number }) {
  const language = useLanguage();
  return (
    <ul className="shares card-pad">
      {rows.map((row) => (
        <li key={row.key}>
          <span className="clip">{row.name}</span>
          <span className="shares-bar" aria-hidden="true">
            <span style={{ width: `${(row.findings / Math.max(1, all)) * 100}%` }} />
          </span>
          <span className="shares-count">{formatNumber(row.findings, language)}</span>
          <span className="faint small shares-count">{Math.round((row.findings / Math.max(1, all)) * 100)} %</span>
        </li>
      ))}
    </ul>
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

interface FlowProps {
  hallId: string | undefined;
  span: ReturnType<typeof useSpan>;
  step: 'hour' | 'day';
}

function Flow({ hallId, span, step }: FlowProps) {
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

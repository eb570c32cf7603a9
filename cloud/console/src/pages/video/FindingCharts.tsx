import { useTranslation } from 'react-i18next';
import type { VisionStatistics } from '../../api/vision-statistics.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { BarChart } from '../../ui/chart/BarChart.js';
import { Section } from '../../ui/Page.js';
import { dayMs, type OverviewSpan } from './overview-range.js';
import { Shares } from './Shares.js';
import { useAlgorithmName } from './use-algorithm-name.js';

interface FindingChartsProps {
  data: VisionStatistics;
  span: OverviewSpan;
  /** One day: by the hour. */
  isDay: boolean;
}

const mostRows = 8;
const topOf = 5;

/** What was found, when and where; each row leads to the findings behind it. */
export function FindingCharts({ data, span, isDay }: FindingChartsProps) {
  const { t } = useTranslation(['video', 'review']);
  const algorithm = useAlgorithmName();
  const { fromMs, toMs } = span;
  const toList = (search: Record<string, string>, name: string) => (
    <AppLink to={paths.review()} search={{ state: 'all', ...span.query, ...search }} title={t('review:stats.seeAll')}>
      {name}
    </AppLink>
  );
  const bars = isDay
    ? data.byHour.map((amount, hour) => ({
        ...{ fromMs: fromMs + hour * 3_600_000, toMs: fromMs + (hour + 1) * 3_600_000, amount },
      }))
    : data.byDay.map(({ day, findings }) => {
        const from = new Date(`${day}T00:00:00`).getTime();
        return { fromMs: from, toMs: from + dayMs, amount: findings };
      });
  const topHours = data.byHour
    .map((findings, hour) => ({ key: String(hour), name: hourName(hour), findings }))
    .filter(({ findings }) => findings > 0)
    .sort((a, b) => b.findings - a.findings)
    .slice(0, topOf);
  const title = isDay ? t('overview.byHour') : t('overview.byDay');
  const shares = [
    {
      title: t('overview.byAlgorithm'),
      rows: data.byAlgorithm.map((one) => ({
        ...{ key: one.algorithm, findings: one.findings },
        name: toList({ algorithm: one.algorithm }, algorithm(one.algorithm)),
      })),
    },
    {
      title: t('overview.byCamera'),
      rows: data.byCamera.slice(0, mostRows).map((one) => ({
        ...{ key: one.deviceId, findings: one.findings },
        name: toList({ device: one.deviceId }, one.name),
      })),
    },
    // Of one region or hall there is nothing to compare.
    data.byRegion.length > 1 && {
      title: t('review:stats.byRegion'),
      rows: data.byRegion.slice(0, topOf).map((one) => ({
        ...{ key: one.regionId, findings: one.findings },
        name: toList({ region: one.regionId }, one.name),
      })),
    },
    data.byHall.length > 1 && {
      title: t('overview.topHalls'),
      rows: data.byHall.slice(0, topOf).map((one) => ({
        ...{ key: one.hallId, findings: one.findings },
        name: toList({ hall: one.hallId }, one.name),
      })),
    },
    { title: t('overview.topHours'), rows: topHours },
  ].filter((one) => one !== false);
  return (
    <div className="overview-grid">
      <Section title={title}>
        <div className="card-pad">
          <BarChart {...{ label: title, unit: t('overview.count'), bars, fromMs, toMs }} digits={0} height={200} />
        </div>
      </Section>
      {shares.map(({ title, rows }) => (
        <Section key={title} title={title}>
          <Shares rows={rows} all={data.findings} />
        </Section>
      ))}
    </div>
  );
}

const two = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
const hourName = (hour: number) => `${two(hour)}–${two(hour + 1)}`;

import type { Property } from '@hallhub/shared/thing';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { historyQuery } from '../../api/devices.js';
import type { History } from '../../api/types.js';
import { formatUnit } from '../../format/ucum.js';
import { type Label, useLabel } from '../../i18n/use-language.js';
import { StateStrip } from '../../ui/chart/StateStrip.js';
import type { ChartPoint } from '../../ui/chart/series-points.js';
import { spansOf } from '../../ui/chart/state-spans.js';
import { TimeChart } from '../../ui/chart/TimeChart.js';
import { Skeleton } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { parseRange, toHistoryRange } from '../parts/time-range.js';

interface HistoryChartProps {
  deviceId: string;
  /** The device is there now, so its last reading still holds. */
  present: boolean;
  property: Property;
  range: string | undefined;
  zone?: string | undefined;
}

/** The past of one property: a line for numbers, a band of states for words. */
export function HistoryChart({ deviceId, present, property, range, zone }: HistoryChartProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const span = parseRange(range, Date.now());
  const query = useQuery({
    ...historyQuery(deviceId, property.id, toHistoryRange(span)),
    placeholderData: (before) => (before?.property === property.id ? before : undefined),
    refetchInterval: span.key ? 60_000 : false,
  });
  if (query.error && !query.data) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  }
  if (!query.data) return <Skeleton height={260} />;
  if (query.data.points.length === 0 && !query.data.before) {
    return <Empty title={t('history.none')} hint={t('history.noneHint')} />;
  }
  const unit = formatUnit(property.unit);
  const numeric = property.type === 'number' || property.type === 'integer';
  if (!numeric) return <WordHistory property={property} history={query.data} {...span} zone={zone} />;
  return (
    <TimeChart
      label={t('history.of', { name: label(property.label) })}
      unit={unit}
      points={numericPoints(query.data, span, present)}
      gaps={query.data.gaps.map((gap) => ({ fromMs: Date.parse(gap.from), toMs: Date.parse(gap.to) }))}
      fromMs={span.fromMs}
      toMs={span.toMs}
      zone={zone}
      step={query.data.resolution === 'raw' && property.type === 'integer'}
      gapWord={t('history.gap')}
    />
  );
}

/** Readings come on change: the last one before the range holds at its start, the last one in it while the device is there. */
function numericPoints(history: History, span: { fromMs: number; toMs: number }, present: boolean): ChartPoint[] {
  const { fromMs, toMs } = span;
  const points = history.points.flatMap((point): ChartPoint[] => {
    const value = point.avg ?? point.value;
    return typeof value === 'number'
      ? [{ atMs: Date.parse(point.at), value, min: point.min ?? null, max: point.max ?? null }]
      : [];
  });
  if (history.resolution !== 'raw') return points;
  if (typeof history.before?.value === 'number') points.unshift({ atMs: fromMs, value: history.before.value });
  const last = points.at(-1);
  const ended = history.gaps.some((gap) => Date.parse(gap.to) > (last?.atMs ?? 0) && Date.parse(gap.from) <= toMs);
  if (present && last && last.atMs < toMs && !ended) points.push({ atMs: toMs, value: last.value });
  return points;
}

interface WordHistoryProps {
  property: Property;
  history: History;
  fromMs: number;
  toMs: number;
  zone: string | undefined;
}

function WordHistory({ property, history, fromMs, toMs, zone }: WordHistoryProps) {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const wordOf = (value: unknown): string => {
    if (typeof value === 'boolean') return t(value ? 'common:yes' : 'common:no');
    const named: Label | undefined = property.values?.find((one) => one.id === value)?.label;
    return named ? label(named) : String(value ?? '');
  };
  const gaps = history.gaps.map((gap) => ({ atMs: Date.parse(gap.from), state: undefined as unknown }));
  const steps = [...(history.before ? [history.before] : []), ...history.points].map((point) => ({
    atMs: Date.parse(point.at),
    state: point.value as unknown,
  }));
  const seen = new Map<unknown, number>();
  const spans = spansOf([...steps, ...gaps], { fromMs, toMs }, (value) => {
    if (value === undefined || value === null) return { tone: 'none', word: t('history.gap') };
    if (!seen.has(value)) seen.set(value, seen.size);
    return { tone: (['quiet', 'accent', 'soft'] as const)[(seen.get(value) ?? 0) % 3] ?? 'quiet', word: wordOf(value) };
  });
  return (
    <div className="word-history">
      <StateStrip
        label={t('history.of', { name: label(property.label) })}
        spans={spans}
        fromMs={fromMs}
        toMs={toMs}
        zone={zone}
      />
    </div>
  );
}

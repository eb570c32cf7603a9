import type { EChartsOption } from 'echarts';
import { formatDecimals, formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { token } from '../../theme/ant-theme.js';
import { chartFrame } from './chart-frame.js';
import { type ChartGap, type ChartPoint, toPairs } from './series-points.js';
import { useChart } from './use-chart.js';
import './time-chart.css';

interface TimeChartProps {
  /** What is drawn, read by screen readers and shown in the tooltip. */
  label: string;
  unit: string | undefined;
  points: ChartPoint[];
  gaps: ChartGap[];
  fromMs: number;
  toMs: number;
  zone?: string | undefined;
  /** A value that holds until it changes is drawn in steps. */
  step?: boolean;
  /** Digits after the point in the tooltip. */
  digits?: number | undefined;
  gapWord: string;
  height?: number;
}

function optionOf(props: TimeChartProps, language: string): EChartsOption {
  const { points, gaps, unit, zone } = props;
  const line = token('chart-1');
  const number = (value: number) => formatNumber(value, language);
  const exact = (value: number) =>
    props.digits === undefined ? number(value) : formatDecimals(value, language, props.digits);
  const banded = points.some((point) => point.min != null && point.max != null);
  const base = { type: 'line' as const, showSymbol: false, connectNulls: false, animation: false };
  const frame = chartFrame({ ...props, language });
  return {
    ...frame,
    tooltip: {
      ...frame.tooltip,
      formatter: (params) => {
        const first = (Array.isArray(params) ? params : [params]).find((one) => one.seriesId === 'value');
        const [atMs, value] = (first?.value ?? []) as [number, number | null];
        if (atMs === undefined || value === null || value === undefined) return '';
        const point = points.find((one) => one.atMs === atMs);
        const band = point?.min != null && point.max != null ? `<br>${exact(point.min)} – ${exact(point.max)}` : '';
        return `${formatStamp(atMs, zone)}<br><b>${exact(value)}</b> ${unit ?? ''}${band}`;
      },
    },
    series: [
      ...(banded
        ? [
            {
              ...base,
              id: 'min',
              stack: 'band',
              silent: true,
              lineStyle: { opacity: 0 },
              data: toPairs(points, gaps, (point) => point.min ?? null),
            },
            {
              ...base,
              id: 'band',
              stack: 'band',
              silent: true,
              lineStyle: { opacity: 0 },
              areaStyle: { color: line, opacity: 0.14 },
              data: toPairs(points, gaps, (point) => (point.max ?? 0) - (point.min ?? 0)),
            },
          ]
        : []),
      {
        ...base,
        id: 'value',
        step: props.step ? 'end' : false,
        lineStyle: { width: 1.25, color: line },
        itemStyle: { color: line },
        data: toPairs(points, gaps, (point) => point.value),
        markArea: {
          silent: true,
          itemStyle: { color: token('sunken'), opacity: 0.8 },
          label: { show: true, position: 'insideBottom', color: token('text-3'), fontSize: 12 },
          data: gaps.map((gap) => [
            {
              xAxis: gap.fromMs,
              name: (gap.toMs - gap.fromMs) / (props.toMs - props.fromMs) > 0.08 ? props.gapWord : '',
            },
            { xAxis: gap.toMs },
          ]),
        },
      },
    ],
  };
}

/** One thin line over time. */
export function TimeChart(props: TimeChartProps) {
  const language = useLanguage();
  const holder = useChart(() => optionOf(props, language), [props, language]);
  return (
    <div
      ref={holder}
      className="time-chart"
      role="img"
      aria-label={props.label}
      style={{ height: props.height ?? 236 }}
    />
  );
}

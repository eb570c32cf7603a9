import type { EChartsOption, EChartsType } from 'echarts';
import { useEffect, useRef, useState } from 'react';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { token } from '../../theme/ant-theme.js';
import { useThemeMode } from '../../theme/theme-mode.js';
import { type ChartGap, type ChartPoint, toPairs } from './series-points.js';
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
  gapWord: string;
  height?: number;
}

function optionOf(props: TimeChartProps, language: string): EChartsOption {
  const { points, gaps, unit, zone } = props;
  const line = token('chart-1');
  const number = (value: number) => formatNumber(value, language);
  const banded = points.some((point) => point.min != null && point.max != null);
  const base = { type: 'line' as const, showSymbol: false, connectNulls: false, animation: false };
  return {
    animation: false,
    textStyle: { fontFamily: token('font-sans'), fontSize: 12, color: token('text-3') },
    grid: { left: 4, right: 16, top: 28, bottom: 4, containLabel: true },
    xAxis: {
      type: 'time',
      min: props.fromMs,
      max: props.toMs,
      splitNumber: 6,
      axisLine: { lineStyle: { color: token('line-strong') } },
      axisTick: { show: false },
      axisLabel: {
        color: token('text-3'),
        hideOverlap: true,
        formatter: (atMs: number) => {
          const stamp = formatStamp(atMs, zone);
          return stamp.slice(11, 16) === '00:00' ? stamp.slice(5, 10) : stamp.slice(11, 16);
        },
      },
    },
    yAxis: {
      type: 'value',
      scale: true,
      splitNumber: 4,
      name: unit ?? '',
      nameLocation: 'end',
      nameGap: 12,
      nameTextStyle: { color: token('text-3'), align: 'right', padding: [0, 6, 0, 0] },
      axisLabel: { color: token('text-3'), formatter: number },
      splitLine: { lineStyle: { color: token('line') } },
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: token('raised'),
      borderColor: token('line-strong'),
      textStyle: { color: token('text'), fontSize: 12 },
      axisPointer: { lineStyle: { color: token('line-strong') } },
      transitionDuration: 0,
      formatter: (params) => {
        const first = (Array.isArray(params) ? params : [params]).find((one) => one.seriesId === 'value');
        const [atMs, value] = (first?.value ?? []) as [number, number | null];
        if (atMs === undefined || value === null || value === undefined) return '';
        const point = points.find((one) => one.atMs === atMs);
        const band = point?.min != null && point.max != null ? `<br>${number(point.min)} – ${number(point.max)}` : '';
        return `${formatStamp(atMs, zone)}<br><b>${number(value)}</b> ${unit ?? ''}${band}`;
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

/** One thin line over time. The library is fetched when the first chart is drawn; new readings do not flicker. */
export function TimeChart(props: TimeChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType>();
  const language = useLanguage();
  const mode = useThemeMode();
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    let made: EChartsType | undefined;
    let gone = false;
    const observer = new ResizeObserver(() => made?.resize());
    void import('./echarts.js').then(({ init }) => {
      if (gone) return;
      made = init(element) as unknown as EChartsType;
      observer.observe(element);
      setChart(made);
    });
    return () => {
      gone = true;
      observer.disconnect();
      made?.dispose();
      setChart(undefined);
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the tokens that the option reads
  useEffect(() => {
    chart?.setOption(optionOf(props, language), { replaceMerge: ['series'] });
  }, [chart, props, language, mode]);
  return (
    <div
      ref={holder}
      className="time-chart"
      role="img"
      aria-label={props.label}
      style={{ height: props.height ?? 260 }}
    />
  );
}

import type { EChartsOption } from 'echarts';
import { formatDecimals, formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { token } from '../../theme/ant-theme.js';
import { chartFrame } from './chart-frame.js';
import { useChart } from './use-chart.js';
import './time-chart.css';

export interface Bar {
  fromMs: number;
  toMs: number;
  amount: number;
}

interface BarChartProps {
  label: string;
  unit: string | undefined;
  bars: readonly Bar[];
  fromMs: number;
  toMs: number;
  zone?: string | undefined;
  digits?: number | undefined;
  height?: number;
  /** What a bar is called; left out: its span of time. */
  nameOf?: (bar: Bar) => string;
}

/** Amounts of equal steps of time. */
export function BarChart(props: BarChartProps) {
  const language = useLanguage();
  const { label, bars, unit, zone, digits } = props;
  const exact = (value: number) =>
    digits === undefined ? formatNumber(value, language) : formatDecimals(value, language, digits);
  const optionOf = (): EChartsOption => {
    const frame = chartFrame({ ...props, language, fromZero: true });
    return {
      ...frame,
      // What is counted has no half ticks.
      yAxis: digits === 0 ? { ...frame.yAxis, minInterval: 1 } : frame.yAxis,
      tooltip: {
        ...frame.tooltip,
        axisPointer: { type: 'none' },
        formatter: (params) => {
          const [first] = Array.isArray(params) ? params : [params];
          const bar = bars[first?.dataIndex ?? -1];
          if (!bar) return '';
          const name =
            props.nameOf?.(bar) ??
            `${formatStamp(bar.fromMs, zone).slice(0, 16)} – ${formatStamp(bar.toMs, zone).slice(5, 16)}`;
          return `${name}<br><b>${exact(bar.amount)}</b> ${unit ?? ''}`;
        },
      },
      series: [
        {
          id: 'bars',
          type: 'bar',
          animation: false,
          barWidth: '72%',
          barMinWidth: 2,
          barMaxWidth: 28,
          itemStyle: { color: token('chart-1'), borderRadius: [2, 2, 0, 0] },
          emphasis: { disabled: true },
          data: bars.map(({ fromMs, toMs, amount }) => [(fromMs + toMs) / 2, amount]),
        },
      ],
    };
  };
  const holder = useChart(optionOf, [props, language]);
  return (
    <div ref={holder} className="time-chart" role="img" aria-label={label} style={{ height: props.height ?? 236 }} />
  );
}

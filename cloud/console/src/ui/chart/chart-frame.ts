import type { EChartsOption } from 'echarts';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { token } from '../../theme/ant-theme.js';

const tickDigits = 6;

interface FrameProps {
  unit: string | undefined;
  fromMs: number;
  toMs: number;
  zone?: string | undefined;
  language: string;
  /** Starts at zero: for amounts. */
  fromZero?: boolean;
}

/** What all charts over time share: axes with their unit, a quiet grid, a plain tooltip. */
export function chartFrame({ unit, fromMs, toMs, zone, language, fromZero }: FrameProps) {
  const quiet = token('text-3');
  return {
    animation: false,
    textStyle: { fontFamily: token('font-sans'), fontSize: 12, color: quiet },
    grid: { left: 4, right: 16, top: 28, bottom: 4, containLabel: true },
    xAxis: {
      type: 'time',
      min: fromMs,
      max: toMs,
      splitNumber: 6,
      axisLine: { lineStyle: { color: token('line-strong') } },
      axisTick: { show: false },
      axisLabel: {
        color: quiet,
        hideOverlap: true,
        formatter: (atMs: number) => {
          const stamp = formatStamp(atMs, zone);
          return stamp.slice(11, 16) === '00:00' ? stamp.slice(5, 10) : stamp.slice(11, 16);
        },
      },
    },
    yAxis: {
      type: 'value',
      scale: !fromZero,
      splitNumber: 4,
      name: unit ?? '',
      nameLocation: 'end',
      nameGap: 12,
      nameTextStyle: { color: quiet, align: 'left', padding: [0, 0, 0, 4] },
      // Ticks are round already; rounding them again would write neighbours alike.
      axisLabel: { color: quiet, formatter: (value: number) => formatNumber(value, language, tickDigits) },
      splitLine: { lineStyle: { color: token('line') } },
    },
    tooltip: {
      trigger: 'axis',
      backgroundColor: token('raised'),
      borderColor: token('line-strong'),
      textStyle: { color: token('text'), fontSize: 12 },
      axisPointer: { lineStyle: { color: token('line-strong') } },
      transitionDuration: 0,
    },
  } as const satisfies EChartsOption;
}

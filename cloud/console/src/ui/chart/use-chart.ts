import type { EChartsOption, EChartsType } from 'echarts';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useThemeMode } from '../../theme/theme-mode.js';

/** A chart in an element, sized with it. The library is fetched when the first one is drawn; new readings do not flicker. */
export function useChart(optionOf: () => EChartsOption, inputs: readonly unknown[]): RefObject<HTMLDivElement | null> {
  const holder = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<EChartsType>();
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
    chart?.setOption(optionOf(), { replaceMerge: ['series'] });
  }, [chart, mode, ...inputs]);
  return holder;
}

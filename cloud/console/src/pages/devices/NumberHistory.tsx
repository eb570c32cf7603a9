import type { Property, ValueShape } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';
import type { History } from '../../api/devices.js';
import { zoneOffsetMs } from '../../format/day-in-zone.js';
import { pageZone } from '../../format/page-zone.js';
import { formatUnit } from '../../format/ucum.js';
import { useLabel } from '../../i18n/use-language.js';
import { incrementsOf, stepFor } from '../../thing/increments.js';
import { BarChart } from '../../ui/chart/BarChart.js';
import { TimeChart } from '../../ui/chart/TimeChart.js';
import { useUnitText } from '../../ui/Value.js';
import { counterPoints, linePoints, summaryOf } from './history-points.js';
import { PropertyValue } from './PropertyValue.js';

interface NumberHistoryProps {
  property: Property;
  history: History;
  fromMs: number;
  toMs: number;
  zone: string | undefined;
  present: boolean;
  increments: boolean;
}

/** Numbers over time as a thin line, or what a counter grew by as bars, with their least, most and average. */
export function NumberHistory({ property, history, zone, present, increments, ...span }: NumberHistoryProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const unit = useUnitText()(formatUnit(property.unit));
  const gaps = history.gaps.map((gap) => ({ fromMs: Date.parse(gap.from), toMs: Date.parse(gap.to) }));
  const name = label(property.label);
  if (increments) {
    const stepMs = stepFor(span.toMs - span.fromMs);
    const bars = incrementsOf(counterPoints(history), span, {
      stepMs,
      zoneOffsetMs: zoneOffsetMs(span.toMs, zone ?? pageZone()),
    });
    const sum = bars.reduce((all, { amount }) => all + amount, 0);
    return (
      <>
        <Summary shape={property} facts={[{ word: t('history.grown'), value: sum }]} />
        <BarChart
          label={t('history.increments', { name })}
          {...{ unit, bars, zone, digits: property.decimals, ...span }}
        />
      </>
    );
  }
  const points = linePoints(history, span, present);
  const { least, most, average } = summaryOf(points, span);
  return (
    <>
      {least === undefined ? null : (
        <Summary
          shape={property}
          facts={[
            { word: t('history.least'), value: least },
            ...(average === undefined || property.cumulative ? [] : [{ word: t('history.average'), value: average }]),
            { word: t('history.most'), value: most },
          ]}
        />
      )}
      <TimeChart
        label={t('history.of', { name })}
        {...{ unit, points, gaps, zone, digits: property.decimals, ...span }}
        step={history.resolution === 'raw' && property.type === 'integer'}
        gapWord={t('history.gap')}
      />
    </>
  );
}

interface SummaryProps {
  shape: ValueShape;
  facts: { word: string; value: number | undefined }[];
}

function Summary({ shape, facts }: SummaryProps) {
  return (
    <dl className="history-summary">
      {facts.map(({ word, value }) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>
            <PropertyValue shape={shape} value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

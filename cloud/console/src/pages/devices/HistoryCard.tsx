import type { Property } from '@hallhub/shared/thing';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { historyView } from '../../thing/history-view.js';
import { Section } from '../../ui/Page.js';
import { RangeChoice } from '../parts/RangeChoice.js';
import { PropertyHistory } from './PropertyHistory.js';

interface HistoryCardProps {
  device: Device;
  property: Property;
  range: string | undefined;
  onRange: (range: string) => void;
  zone: string | undefined;
  /** In a card of its own, or beneath the row it belongs to. */
  framed: boolean;
}

/** The chosen property's past, with how far back and, for counters, the value or what it grew by. */
export function HistoryCard({ device, property, range, onRange, zone, framed }: HistoryCardProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const [grown, setGrown] = useState(true);
  const counter = historyView(property) === 'counter';
  const choices = (
    <>
      {counter ? (
        <Segmented
          size="small"
          aria-label={t('history.view')}
          value={grown ? 'increment' : 'value'}
          options={(['increment', 'value'] as const).map((value) => ({ value, label: t(`history.${value}`) }))}
          onChange={(next) => setGrown(next === 'increment')}
        />
      ) : null}
      <RangeChoice value={range} onChange={onRange} />
    </>
  );
  const past = (
    <PropertyHistory
      key={property.id}
      deviceId={device.id}
      present={device.presence === 'online' && !device.stale}
      property={property}
      increments={counter && grown}
      range={range}
      zone={zone}
    />
  );
  if (!framed) {
    return (
      <div className="history-inline">
        <div className="history-choices">{choices}</div>
        {past}
      </div>
    );
  }
  return (
    <Section title={t('history.of', { name: label(property.label) })} aside={choices}>
      <div className="history-card">{past}</div>
    </Section>
  );
}

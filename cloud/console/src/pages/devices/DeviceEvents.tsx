import { maskText } from '@hallhub/shared/thing';
import { useTranslation } from 'react-i18next';
import { eventsQuery } from '../../api/commands.js';
import type { Device, HallEvent } from '../../api/types.js';
import { formatStamp } from '../../format/time.js';
import { useLabel } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { useListing } from '../parts/list-state.js';
import { SeverityMark } from '../parts/marks.js';
import { PropertyValue } from './PropertyValue.js';

interface DeviceEventsProps {
  device: Device;
  zone: string | undefined;
}

/** What happened at the device, as its thing model names it. */
export function DeviceEvents({ device, zone }: DeviceEventsProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const list = useListing(eventsQuery({ deviceId: device.id }));
  const fieldsOf = (event: HallEvent) => {
    const model = device.thing?.events.find((one) => one.id === event.event);
    return Object.entries(event.data ?? {}).map(([name, value]) => {
      const field = model?.fields.find((one) => one.id === name);
      return { name, label: field ? label(field.label) : name, field, value };
    });
  };
  const columns: Column<HallEvent>[] = [
    {
      id: 'event',
      title: t('event.what'),
      width: 200,
      cell: (event) => (
        <span className="row">
          <SeverityMark severity={event.severity} bare />
          <span className="clip">{label(event.label) || event.event}</span>
        </span>
      ),
      text: (event) => label(event.label) || event.event,
    },
    {
      id: 'data',
      title: t('event.data'),
      cell: (event) => (
        <span className="primary-values">
          {fieldsOf(event).map((one) => (
            <span key={one.name} className="primary-value">
              <span className="faint small">{one.label}</span> <PropertyValue shape={one.field} value={one.value} />
            </span>
          ))}
        </span>
      ),
      text: (event) =>
        fieldsOf(event)
          .map((one) => `${one.label} ${one.field?.personal ? maskText(String(one.value)) : String(one.value)}`)
          .join('; '),
    },
    {
      id: 'at',
      title: t('event.at'),
      width: 120,
      cell: (event) => <RelativeTime time={event.at} zone={zone} />,
      text: (event) => formatStamp(event.at, zone),
    },
  ];
  return (
    <div className="tab-list">
      <DataTable
        name="device-events"
        label={t('tab.events')}
        columns={columns}
        rowKey={(event) => event.id}
        {...list}
        empty={<Empty title={t('event.none')} hint={t('event.noneHint')} />}
      />
    </div>
  );
}

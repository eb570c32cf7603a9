import type { Severity } from '@hallhub/shared/thing';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/devices.js';
import { eventsQuery, type HallEvent } from '../../api/events.js';
import { formatExact, formatStamp } from '../../format/time.js';
import { useLabel } from '../../i18n/use-language.js';
import { useValueText } from '../../thing/use-value-text.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { useUnitText } from '../../ui/Value.js';
import { EventEvidence } from '../evidence/EventEvidence.js';
import { Facts } from '../parts/Facts.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { useListing } from '../parts/list-state.js';
import { SeverityMark } from '../parts/marks.js';
import { PropertyValue } from './PropertyValue.js';

export const severities = ['critical', 'warning', 'notice', 'info'] as const;

export interface EventFilter {
  event?: string | undefined;
  severity?: Severity | undefined;
}

interface DeviceEventsProps {
  device: Device;
  zone: string | undefined;
  filter: EventFilter;
  onFilter: (filter: EventFilter) => void;
}

/** What happened at the device, as its thing model names it: by kind and severity, with all its fields beside. */
export function DeviceEvents({ device, zone, filter, onFilter }: DeviceEventsProps) {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const valueText = useValueText();
  const unitText = useUnitText();
  const [openId, setOpenId] = useState<string>();
  const list = useListing(eventsQuery({ deviceId: device.id, ...filter }));
  const models = device.thing?.events ?? [];
  const nameOf = (event: HallEvent) => label(event.label) || event.event;
  const fieldsOf = (event: HallEvent) => {
    const model = models.find((one) => one.id === event.event);
    return Object.entries(event.data ?? {}).map(([name, value]) => {
      const field = model?.fields.find((one) => one.id === name);
      return { name, label: field ? label(field.label) : name, field, value };
    });
  };
  const textOf = ({ label: name, field, value }: ReturnType<typeof fieldsOf>[number]) => {
    const said = valueText(field, value);
    return [name, said?.text ?? '—', unitText(said?.unit)].filter(Boolean).join(' ');
  };
  const columns: Column<HallEvent>[] = [
    {
      id: 'event',
      title: t('event.what'),
      width: 220,
      cell: (event) => (
        <span className="row">
          <SeverityMark severity={event.severity} bare />
          <span className="clip">{nameOf(event)}</span>
        </span>
      ),
      text: nameOf,
    },
    {
      id: 'data',
      title: t('event.data'),
      priority: 2,
      cell: (event) => (
        <span className="primary-values">
          {fieldsOf(event).map((one) => (
            <span key={one.name} className="primary-value">
              <span className="faint small">{one.label}</span> <PropertyValue shape={one.field} value={one.value} />
            </span>
          ))}
        </span>
      ),
      text: (event) => fieldsOf(event).map(textOf).join('; '),
    },
    {
      id: 'at',
      title: t('event.at'),
      width: 120,
      cell: (event) => <RelativeTime time={event.at} zone={zone} />,
      text: (event) => formatStamp(event.at, zone),
    },
  ];
  const open = list.rows?.find(({ id }) => id === openId);
  const filtered = Boolean(filter.event || filter.severity);
  return (
    <div className="tab-list">
      <DataTable
        name="device-events"
        label={t('tab.events')}
        columns={columns}
        rowKey={(event) => event.id}
        {...list}
        openKey={openId}
        onOpen={(event) => setOpenId(event.id)}
        tools={
          <>
            {models.length > 1 ? (
              <FilterChoice
                label={t('event.what')}
                value={filter.event}
                options={models.map(({ id, label: named }) => ({ value: id, label: label(named) }))}
                onChange={(event) => onFilter({ ...filter, event })}
              />
            ) : null}
            <FilterChoice
              label={t('event.severity')}
              value={filter.severity}
              options={severities.map((value) => ({ value, label: <SeverityMark severity={value} /> }))}
              onChange={(severity) => onFilter({ ...filter, severity })}
            />
          </>
        }
        empty={
          filtered ? (
            <Empty icon="filter" title={t('event.noneFits')} hint={t('none.hint')} />
          ) : models.length === 0 ? (
            <Empty title={t('event.never')} hint={t('event.neverHint')} />
          ) : (
            <Empty title={t('event.none')} hint={t('event.noneHint')} />
          )
        }
      />
      {open ? (
        <SidePanel
          title={nameOf(open)}
          mark={<SeverityMark severity={open.severity} />}
          onClose={() => setOpenId(undefined)}
        >
          <Facts
            facts={[
              { label: t('event.at'), value: formatExact(open.at, zone) },
              ...fieldsOf(open).map(({ label: name, field, value }) => ({
                label: name,
                value: <PropertyValue shape={field} value={value} whole />,
              })),
            ]}
          />
          <EventEvidence eventId={open.id} zone={zone} />
        </SidePanel>
      ) : null}
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button, Dropdown, Tabs } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { deviceQuery } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { EvidenceTable } from '../evidence/EvidenceTable.js';
import { DeviceMark } from '../parts/marks.js';
import { ClassMark } from './ClassMark.js';
import { CommandHistory } from './CommandHistory.js';
import { DeviceEdit } from './DeviceEdit.js';
import { DeviceEvents, severities } from './DeviceEvents.js';
import { DeviceIdentity } from './DeviceIdentity.js';
import { DeviceNow } from './DeviceNow.js';
import { DevicePresenceLog } from './DevicePresenceLog.js';
import { DeviceRepairs } from './DeviceRepairs.js';
import { DeviceStale } from './DeviceStale.js';
import { useDeviceName } from './device-name.js';
import { RetireDevice } from './RetireDevice.js';
import './devices.css';
import './device-page.css';

const tabs = ['now', 'commands', 'events', 'evidence', 'repairs', 'presence', 'identity'] as const;

const searchSchema = z.object({
  tab: oneOf(tabs),
  property: anyText,
  range: anyText,
  event: anyText,
  severity: oneOf(severities),
  evidence: anyText,
});

/** Everything about one device, drawn from its thing model. */
export default function DevicePage() {
  const { t } = useTranslation(['devices', 'autoTickets']);
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const label = useLabel();
  const nameOf = useDeviceName();
  const may = useRights();
  const places = usePlaces();
  const [search, setSearch] = useSearchState(searchSchema);
  const [dialog, setDialog] = useState<'edit' | 'retire'>();
  const query = useQuery(deviceQuery(id));
  const device = query.data;
  if (!device) {
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  const zone = places.find((place) => place.id === device.hallId)?.timeZone ?? undefined;
  const counter = places.find((place) => place.id === device.counterId);
  return (
    <Page
      title={nameOf(device)}
      trail={
        <>
          <AppLink to={paths.devices()}>{t('title')}</AppLink>
          <span>/</span>
          <AppLink to={paths.place(device.hallId)}>{label(device.hallName)}</AppLink>
          {counter ? <span>/ {label(counter.name)}</span> : null}
        </>
      }
      mark={<DeviceMark device={device} />}
      lead={
        <span className="small faint device-lead">
          <ClassMark deviceClass={device.deviceClass} /> {label(device.classLabel)} · {device.vendor} {device.model}
        </span>
      }
      actions={
        <>
          {may('device.write') ? <Button onClick={() => setDialog('edit')}>{t('edit.open')}</Button> : null}
          {may('device.approve') && device.state === 'active' ? (
            <Dropdown
              trigger={['click']}
              menu={{
                items: [{ key: 'retire', label: t('retire.open'), danger: true }],
                onClick: () => setDialog('retire'),
              }}
            >
              <Button icon={<Icon name="more" />} aria-label={t('more')} />
            </Dropdown>
          ) : null}
        </>
      }
    >
      <DeviceStale device={device} />
      <Tabs
        className="device-tabs"
        activeKey={search.tab ?? 'now'}
        onChange={(tab) => setSearch({ tab: tab === 'now' ? undefined : (tab as (typeof tabs)[number]) })}
        destroyOnHidden
        items={[
          {
            key: 'now',
            label: t('tab.now'),
            children: (
              <DeviceNow
                device={device}
                zone={zone}
                property={search.property}
                range={search.range}
                onProperty={(property) => setSearch({ property })}
                onRange={(range) => setSearch({ range })}
              />
            ),
          },
          ...(may('command.read')
            ? [{ key: 'commands', label: t('tab.commands'), children: <CommandHistory device={device} /> }]
            : []),
          ...(may('event.read')
            ? [
                {
                  key: 'events',
                  label: t('tab.events'),
                  children: (
                    <DeviceEvents
                      device={device}
                      zone={zone}
                      filter={{ event: search.event, severity: search.severity }}
                      onFilter={setSearch}
                    />
                  ),
                },
              ]
            : []),
          ...(may('evidence.read')
            ? [
                {
                  key: 'evidence',
                  label: t('tab.evidence'),
                  children: (
                    <EvidenceTable
                      deviceId={device.id}
                      zone={zone}
                      openId={search.evidence}
                      onOpen={(evidence) => setSearch({ evidence })}
                    />
                  ),
                },
              ]
            : []),
          ...(may('ticket.read')
            ? [
                {
                  key: 'repairs',
                  label: t('autoTickets:device.tab'),
                  children: <DeviceRepairs deviceId={device.id} zone={zone} />,
                },
              ]
            : []),
          { key: 'presence', label: t('tab.presence'), children: <DevicePresenceLog device={device} zone={zone} /> },
          { key: 'identity', label: t('tab.identity'), children: <DeviceIdentity device={device} /> },
        ]}
      />
      {dialog === 'edit' ? <DeviceEdit device={device} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'retire' ? <RetireDevice device={device} onClose={() => setDialog(undefined)} /> : null}
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { deviceQuery } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { DeviceMark } from '../parts/marks.js';
import { useCodeWord } from '../parts/words.js';
import { DeviceStale } from './DeviceStale.js';
import { useDeviceName } from './device-name.js';
import { ValueList } from './ValueList.js';

/** More than these are read on the device's own page. */
const mostBeside = 12;

/** A device beside its list: how it is, what it reads, where it stands. */
export function DevicePanel({ deviceId, onClose }: { deviceId: string; onClose: () => void }) {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const word = useCodeWord();
  const nameOf = useDeviceName();
  const query = useQuery(deviceQuery(deviceId));
  const device = query.data;
  const properties = (['primary', 'normal'] as const).flatMap(
    (role) => device?.thing?.properties.filter((one) => one.role === role) ?? [],
  );
  return (
    <SidePanel
      title={device ? nameOf(device) : t('title')}
      mark={device ? <DeviceMark device={device} /> : undefined}
      fullPage={
        <AppLink to={paths.device(deviceId)} className="panel-open" title={t('common:openPage')}>
          <Icon name="open" />
          <span className="sr-only">{t('common:openPage')}</span>
        </AppLink>
      }
      onClose={onClose}
    >
      {device ? (
        <div className="stack">
          <DeviceStale device={device} />
          <ValueList device={device} properties={properties.slice(0, mostBeside)} />
          <Facts
            facts={[
              device.presenceReason
                ? {
                    label: t('fact.presence'),
                    value: (
                      <>
                        {word('reason', device.presenceReason)} · <RelativeTime time={device.presenceSince} />
                      </>
                    ),
                  }
                : null,
              { label: t('columns.hall'), value: label(device.hallName) },
              {
                label: t('fact.unit'),
                value: <AppLink to={paths.unit(device.unitId)}>{label(device.unitName)}</AppLink>,
              },
              { label: t('columns.model'), value: `${device.vendor} ${device.model}` },
              { label: t('fact.serial'), value: <code>{device.serial}</code> },
              { label: t('fact.protocol'), value: word('protocol', device.protocol) },
            ]}
          />
          <AppLink to={paths.device(deviceId)}>
            {properties.length > mostBeside ? t('openAll', { count: properties.length }) : t('openDevice')}
          </AppLink>
        </div>
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <SkeletonLines lines={8} />
      )}
    </SidePanel>
  );
}

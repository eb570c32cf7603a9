import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { usePlace, usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import type { Column } from '../../ui/table/DataTable.js';
import { DeviceMark } from '../parts/marks.js';
import { PrimaryValue, usePrimaryText } from '../parts/PrimaryValue.js';
import { useCodeWord } from '../parts/words.js';
import { ClassMark } from './ClassMark.js';
import { useDeviceName } from './device-name.js';

/** The columns of every list of devices; the hall only where there is more than one. */
export function useDeviceColumns(): Column<DeviceSummary>[] {
  const { t } = useTranslation(['devices', 'common']);
  const label = useLabel();
  const saidOf = usePrimaryText();
  const nameOf = useDeviceName();
  const word = useCodeWord();
  const places = usePlaces();
  const counter = (id: string | null) => label(places.find((place) => place.id === id)?.name);
  const { hallId } = usePlace();
  const severalHalls = !hallId && places.filter((place) => place.kind === 'hall').length !== 1;
  const columns: Column<DeviceSummary>[] = [
    {
      id: 'name',
      title: t('columns.name'),
      width: 250,
      cell: (device) => (
        <span className={device.stale ? 'row soft' : 'row'}>
          <ClassMark deviceClass={device.deviceClass} title={label(device.classLabel)} />
          <span className="clip">{nameOf(device)}</span>
        </span>
      ),
      text: nameOf,
    },
    {
      id: 'presence',
      title: t('columns.presence'),
      width: 112,
      cell: (device) => <DeviceMark device={device} />,
      text: (device) => t(`common:presence.${device.presence}`),
    },
    {
      id: 'values',
      title: t('columns.values'),
      priority: 2,
      cell: (device) =>
        device.primary.length === 0 ? (
          <span className="faint">—</span>
        ) : (
          <span className={device.stale ? 'primary-values is-stale' : 'primary-values'}>
            {device.primary.map((one) => (
              <span key={one.property} className="primary-value">
                <span className="faint small">{label(one.label)}</span> <PrimaryValue primary={one} />
              </span>
            ))}
          </span>
        ),
      text: (device) =>
        device.primary
          .map((one) => {
            const said = saidOf(one);
            return `${label(one.label)} ${said?.text ?? '—'}${said?.unit ? ` ${said.unit}` : ''}`;
          })
          .join('; '),
    },
    {
      id: 'hall',
      title: t('columns.hall'),
      width: 130,
      priority: 2,
      cell: (device) => label(device.hallName),
      text: (device) => label(device.hallName),
    },
    {
      id: 'counter',
      title: t('columns.counter'),
      width: 88,
      priority: 3,
      cell: (device) => counter(device.counterId) || <span className="faint">—</span>,
      text: (device) => counter(device.counterId),
    },
    {
      id: 'model',
      title: t('columns.model'),
      width: 140,
      priority: 3,
      cell: (device) => (
        <span className="soft">
          {device.vendor} {device.model}
        </span>
      ),
      text: (device) => `${device.vendor} ${device.model}`,
    },
    {
      id: 'since',
      title: t('columns.since'),
      width: 116,
      priority: 3,
      cell: (device) => (
        <span className="soft" title={word('reason', device.presenceReason)}>
          {device.presenceSince ? <RelativeTime time={device.presenceSince} /> : '—'}
        </span>
      ),
      text: (device) => device.presenceSince ?? '',
    },
    {
      id: 'alarms',
      title: t('columns.alarms'),
      width: 64,
      priority: 2,
      align: 'end',
      cell: (device) =>
        device.openAlarms > 0 ? (
          <AppLink to={paths.alarms()} search={{ device: device.id }} className="alarm-count">
            <StatusMark tone="warn" shape="triangle" word={String(device.openAlarms)} title={t('columns.alarms')} />
          </AppLink>
        ) : null,
      text: (device) => String(device.openAlarms),
    },
  ];
  return columns.filter((column) => column.id !== 'hall' || severalHalls);
}

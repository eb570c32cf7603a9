import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { useDeviceName } from '../devices/device-name.js';
import { DeviceMark } from '../parts/marks.js';

/** Each device by its name and hall, with how it is. */
export function BatchTargets({ devices }: { devices: readonly DeviceSummary[] }) {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const nameOf = useDeviceName();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled by the keyboard too
    <ul className="batch-targets" aria-label={t('batch.targets', { count: devices.length })} tabIndex={0}>
      {devices.map((device) => (
        <li key={device.id}>
          <span className="grow clip">{nameOf(device)}</span>
          <span className="faint clip">{label(device.hallName)}</span>
          <DeviceMark device={device} />
        </li>
      ))}
    </ul>
  );
}

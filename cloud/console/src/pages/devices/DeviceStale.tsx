import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../../api/devices.js';
import { Stale } from '../../ui/states.js';

/** Values that nobody vouches for any more are said to be old. */
export function DeviceStale({ device }: { device: DeviceSummary }) {
  const { t } = useTranslation('devices');
  if (device.stale && device.staleSince) return <Stale since={device.staleSince} why={t('stale.unit')} />;
  if (device.presence === 'offline' && device.presenceSince) {
    return <Stale since={device.presenceSince} why={t('stale.device')} />;
  }
  return null;
}

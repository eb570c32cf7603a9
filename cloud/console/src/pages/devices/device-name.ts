import type { DeviceSummary } from '../../api/types.js';
import { useLabel } from '../../i18n/use-language.js';

type Named = Pick<DeviceSummary, 'name' | 'classLabel' | 'vendor' | 'model'>;

/** Until a person names it, the API gives model and serial as the name. */
export function isNamed(device: Pick<DeviceSummary, 'name' | 'model' | 'serial'>): boolean {
  return Boolean(device.name) && device.name !== `${device.model} ${device.serial}`;
}

/** A device's name; one that nobody named yet goes by what it is. */
export function useDeviceName(): (device: Named) => string {
  const label = useLabel();
  return (device) => label(device.name) || `${label(device.classLabel)} ${device.model}`.trim() || device.vendor;
}

import type { DeviceSummary } from '../../api/devices.js';
import { type Label, useLabel } from '../../i18n/use-language.js';

type Named = Pick<DeviceSummary, 'name' | 'profileLabel' | 'classLabel' | 'vendor' | 'model' | 'serial'>;
type LabelText = (label: Label | string | null | undefined) => string;

/** Until a person names it, the API gives model and serial as the name. */
export function isNamed(device: Pick<DeviceSummary, 'name' | 'model' | 'serial'>): boolean {
  return Boolean(device.name) && device.name !== `${device.model} ${device.serial}`;
}

/** A device's name; one that nobody named yet goes by what its profile calls the model, or by what it is. */
export function deviceNameIn(device: Named, label: LabelText): string {
  if (!isNamed(device) && device.profileLabel) return `${label(device.profileLabel)} ${device.serial}`;
  return label(device.name) || `${label(device.classLabel)} ${device.model}`.trim() || device.vendor;
}

export function useDeviceName(): (device: Named) => string {
  const label = useLabel();
  return (device) => deviceNameIn(device, label);
}

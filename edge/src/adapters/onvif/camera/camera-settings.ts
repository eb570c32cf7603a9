import { HubError } from '@hallhub/shared';
import { type OnvifFact, undoTransform } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import { hostname, setHostname } from '../services/device-service.js';
import { type ImagingSettings, imagingSettings, setImaging } from '../services/imaging-service.js';
import type { CameraDevice } from './camera-device.js';

type Raw = string | number | boolean;

/** Sets properties that the profile binds with `write: true`, and reads them back. Throws `unsupported`, `device_refused`. */
export const writeSettings = async (
  device: CameraDevice,
  values: Readonly<Record<string, Value>>,
  signal: AbortSignal,
): Promise<void> => {
  const binding = device.view.profile.document.bindings.onvif;
  const wanted = new Map<OnvifFact, Raw>();
  for (const [id, value] of Object.entries(values)) {
    const spec = binding?.properties[id];
    if (!spec || !('fact' in spec) || !spec.write || value === null)
      throw new HubError('unsupported', `${id} cannot be set on a camera: use its commands`);
    const raw = undoTransform(value, spec);
    wanted.set(spec.fact, typeof raw === 'bigint' ? Number(raw) : raw);
  }
  const name = wanted.get('device.hostname');
  if (name !== undefined) await writeHostname(device, String(name), signal);
  const imaging = [...wanted].flatMap(([fact, raw]) =>
    fact.startsWith('imaging.') ? [[fact.slice('imaging.'.length), raw] as const] : [],
  );
  if (imaging.length > 0) await writeImaging(device, Object.fromEntries(imaging), signal);
};

const writeHostname = async (device: CameraDevice, name: string, signal: AbortSignal): Promise<void> => {
  const needsReboot = await setHostname(device.camera, name, signal);
  if (!needsReboot && (await hostname(device.camera, signal)) !== name) throw notKept(device, 'host name');
};

const writeImaging = async (device: CameraDevice, settings: ImagingSettings, signal: AbortSignal): Promise<void> => {
  const source = await device.videoSource(signal);
  await setImaging(device.camera, source, settings, signal);
  const now = await imagingSettings(device.camera, source, signal);
  for (const [name, value] of Object.entries(settings)) {
    const is = now[name as keyof ImagingSettings];
    // Cameras round to the steps of their sensor.
    const fits = typeof value === 'number' && typeof is === 'number' ? Math.abs(value - is) <= 1 : value === is;
    if (!fits) throw notKept(device, name);
  }
};

const notKept = (device: CameraDevice, what: string): HubError =>
  new HubError('device_refused', `${device.camera.host} took the ${what} but did not keep it`);

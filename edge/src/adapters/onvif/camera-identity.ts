import type { DeviceIdentity } from '@hallhub/shared/wire';
import type { DeviceView } from '../../ports/index.js';
import { parseAddress } from './camera-address.js';
import type { Camera } from './services/camera.js';
import { type DeviceInformation, deviceInformation, endpointReference, macAddress } from './services/device-service.js';

export interface CameraIdentity {
  readonly told: DeviceInformation;
  readonly identity: DeviceIdentity;
  readonly endpoint: string | undefined;
}

export interface IdentifyOptions {
  /** As discovery told it. */
  readonly endpoint: string | undefined;
  /** Devices of this adapter, to know a camera again and to tell two with one serial number apart. */
  readonly known: readonly DeviceView[];
  /** Whether another camera with this serial number is at that address this very moment. */
  readonly isTwin: (device: DeviceView) => boolean;
  readonly signal: AbortSignal;
}

/** Who a camera is. Its serial number is its own, or else its endpoint reference or hardware address: all outlive a new address. */
export const identifyCamera = async (camera: Camera, options: IdentifyOptions): Promise<CameraIdentity> => {
  const { signal, known } = options;
  const told = await deviceInformation(camera, signal);
  const vendor = told.manufacturer || 'unknown';
  const model = told.model || 'onvif-camera';
  const same = known.filter(
    ({ identity }) =>
      identity.vendor === vendor &&
      identity.model === model &&
      told.serialNumber !== '' &&
      isSerialOf(identity.serial, told.serialNumber),
  );
  const endpoint =
    options.endpoint ??
    (await endpointReference(camera, signal)) ??
    (same.length === 1 && same[0] ? parseAddress(same[0].address).endpoint : undefined);
  const serial = told.serialNumber
    ? uniqueSerial(told.serialNumber, endpoint, same, options.isTwin)
    : (endpoint?.replace(/^urn:uuid:/i, '') ?? (await macAddress(camera, signal)) ?? placeOf(camera));
  const firmware = told.firmwareVersion;
  return {
    told,
    endpoint,
    identity: {
      vendor,
      model,
      serial: serial.slice(0, 100),
      ...(firmware ? { firmware } : {}),
      ...(told.hardwareId ? { hardware: told.hardwareId } : {}),
    },
  };
};

const isSerialOf = (serial: string, told: string): boolean => serial === told || serial.startsWith(`${told}-`);

/** Some makers give all their cameras one serial number; the second of them has the end of its endpoint reference added. */
const uniqueSerial = (
  serial: string,
  endpoint: string | undefined,
  same: readonly DeviceView[],
  isTwin: (device: DeviceView) => boolean,
): string => {
  if (!endpoint) return serial;
  const mine = same.find((one) => parseAddress(one.address).endpoint === endpoint);
  if (mine) return mine.identity.serial;
  const taken = same.find((one) => one.identity.serial === serial);
  const other = taken && parseAddress(taken.address).endpoint;
  return taken && other && isTwin(taken) ? `${serial}-${endpoint.slice(-12)}` : serial;
};

const placeOf = ({ serviceUrl: { hostname, port } }: Camera): string => `${hostname}-${port || '80'}`;

import { HubError, isHubError } from '@hallhub/shared';
import { escapeXml, type XmlNode } from '../soap/xml-node.js';
import type { Camera } from './camera.js';
import { schema } from './onvif-xml.js';

export interface DeviceInformation {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmwareVersion: string;
  readonly serialNumber: string;
  readonly hardwareId: string;
}

/** Camera time minus unit time in ms. Throws `protocol_violation` where the camera tells no time at all. */
export const readClock = async (camera: Camera, signal: AbortSignal, isUrgent = false): Promise<number> => {
  const startMs = camera.clock.now();
  const told = await systemDateAndTime(camera, signal, isUrgent);
  const utc = told.at('UTCDateTime');
  const part = (group: string, name: string) => utc?.numberAt(group, name) ?? Number.NaN;
  const cameraMs = Date.UTC(
    part('Date', 'Year'),
    part('Date', 'Month') - 1,
    part('Date', 'Day'),
    part('Time', 'Hour'),
    part('Time', 'Minute'),
    part('Time', 'Second'),
  );
  // UTC may be left out by the standard: nothing to correct by then.
  if (Number.isNaN(cameraMs)) return 0;
  // Whole seconds are told: half of one is the best guess, and so is the middle of the exchange.
  return Math.round(cameraMs + 500 - (startMs + camera.clock.now()) / 2);
};

const systemDateAndTime = async (camera: Camera, signal: AbortSignal, isUrgent = false): Promise<XmlNode> => {
  const ask = (anonymous: boolean) =>
    camera.call('device', 'GetSystemDateAndTime', '', { signal, anonymous, isUrgent });
  // A few makers want a sign-in even here.
  const reply = await ask(true).catch((error) =>
    isHubError(error, 'unauthenticated') && !isUrgent ? ask(false) : Promise.reject(error),
  );
  return reply.need('SystemDateAndTime');
};

/** `Manual` or `NTP`. */
export const clockSource = async (camera: Camera, signal: AbortSignal): Promise<string | undefined> =>
  (await systemDateAndTime(camera, signal)).textAt('DateTimeType');

/** Sets the camera's clock to the unit's, in UTC; its time zone stays. The skew that is left, in ms. */
export const setClock = async (camera: Camera, signal: AbortSignal): Promise<number> => {
  const before = await systemDateAndTime(camera, signal);
  const zone = before.textAt('TimeZone', 'TZ');
  const isDaylight = before.textAt('DaylightSavings') === 'true';
  const now = new Date(camera.clock.now());
  const tag = (name: string, value: number) => `<${name} xmlns="${schema}">${value}</${name}>`;
  await camera.call(
    'device',
    'SetSystemDateAndTime',
    `<DateTimeType>Manual</DateTimeType><DaylightSavings>${isDaylight}</DaylightSavings>` +
      (zone ? `<TimeZone><TZ xmlns="${schema}">${escapeXml(zone)}</TZ></TimeZone>` : '') +
      '<UTCDateTime>' +
      `<Time xmlns="${schema}">${tag('Hour', now.getUTCHours())}${tag('Minute', now.getUTCMinutes())}${tag('Second', now.getUTCSeconds())}</Time>` +
      `<Date xmlns="${schema}">${tag('Year', now.getUTCFullYear())}${tag('Month', now.getUTCMonth() + 1)}${tag('Day', now.getUTCDate())}</Date>` +
      '</UTCDateTime>',
    { signal },
  );
  const skewMs = await camera.readClockSkewMs(signal);
  if (Math.abs(skewMs) > 5_000) {
    throw new HubError('device_refused', `${camera.host} took the time but did not keep it: it is ${skewMs} ms off`, {
      context: { host: camera.host, skewMs },
    });
  }
  return skewMs;
};

export const deviceInformation = async (camera: Camera, signal: AbortSignal): Promise<DeviceInformation> => {
  const reply = await camera.call('device', 'GetDeviceInformation', '', { signal });
  const text = (name: string) => (reply.textAt(name) ?? '').slice(0, 100);
  return {
    manufacturer: text('Manufacturer'),
    model: text('Model'),
    firmwareVersion: text('FirmwareVersion'),
    serialNumber: text('SerialNumber'),
    hardwareId: text('HardwareId'),
  };
};

/** `urn:uuid:…` of the device itself, where it offers that; undefined for most. */
export const endpointReference = async (camera: Camera, signal: AbortSignal): Promise<string | undefined> => {
  const reply = await optional(camera.call('device', 'GetEndpointReference', '', { signal }));
  const guid = reply?.textAt('GUID')?.slice(0, 100);
  return guid && (/^urn:/i.test(guid) ? guid : `urn:uuid:${guid}`);
};

/** Of the first interface that has one, as `aa:bb:cc:dd:ee:ff`. */
export const macAddress = async (camera: Camera, signal: AbortSignal): Promise<string | undefined> => {
  const reply = await optional(camera.call('device', 'GetNetworkInterfaces', '', { signal }));
  const found = reply?.all('NetworkInterfaces').map((node) => node.textAt('Info', 'HwAddress'));
  const digits = found
    ?.find(Boolean)
    ?.replace(/[^0-9a-fA-F]/g, '')
    .toLowerCase();
  return digits?.length === 12 ? digits.replace(/(..)(?=.)/g, '$1:') : undefined;
};

export const hostname = async (camera: Camera, signal: AbortSignal): Promise<string | undefined> =>
  (await camera.call('device', 'GetHostname', '', { signal })).textAt('HostnameInformation', 'Name')?.slice(0, 255);

export const setHostname = async (camera: Camera, name: string, signal: AbortSignal): Promise<boolean> => {
  const reply = await camera.call('device', 'SetHostname', `<Name>${escapeXml(name)}</Name>`, { signal });
  return reply.textAt('RebootNeeded') === 'true';
};

/** What the camera says about it, such as how long it takes. */
export const reboot = async (camera: Camera, signal: AbortSignal): Promise<string> =>
  (await camera.call('device', 'SystemReboot', '', { signal })).textAt('Message')?.slice(0, 200) ?? '';

/** What a camera may not offer: undefined where it refuses, but not where it does not answer. */
export const optional = <T>(asked: Promise<T>): Promise<T | undefined> =>
  asked.catch((error) => {
    const isRefusal =
      isHubError(error) &&
      ['unsupported', 'device_refused', 'protocol_violation', 'unauthenticated'].includes(error.code);
    if (isRefusal) return undefined;
    throw error;
  });

import { type HubError, isHubError } from '@hallhub/shared';
import { type OnvifFact, type OnvifFacts, onvifFactSchema } from '@hallhub/shared/profile';
import type { Camera } from '../services/camera.js';
import { clockSource, type DeviceInformation, hostname, macAddress } from '../services/device-service.js';
import { imagingSettings } from '../services/imaging-service.js';
import type { MediaCatalogue, MediaProfile } from '../services/media-service.js';
import { presets, ptzStatus } from '../services/ptz-service.js';
import { digitalInputs, relayOutputs } from '../services/relay-service.js';

/** What facts are read with: the camera, its media profiles, and the looks at streams and pictures that the device takes. */
export interface FactSource {
  readonly camera: Camera;
  readonly endpoint: string | undefined;
  information(signal: AbortSignal): Promise<DeviceInformation>;
  catalogue(signal: AbortSignal): Promise<MediaCatalogue>;
  /** Never throws but for the signal: an unreachable stream is a fact. */
  isStreamReachable(profile: MediaProfile | undefined, signal: AbortSignal): Promise<boolean>;
  isStreamPlaying(profile: MediaProfile | undefined, transport: 'tcp' | 'udp', signal: AbortSignal): Promise<boolean>;
  isSnapshotReachable(profile: MediaProfile | undefined, signal: AbortSignal): Promise<boolean>;
}

export interface FactsRead {
  readonly facts: OnvifFacts;
  /** Parts that the camera refused or did not answer; what it does not offer is none. */
  readonly failures: readonly HubError[];
}

type Told = { [Name in OnvifFact]?: number | string | boolean | undefined };
type Part = (source: FactSource, wanted: ReadonlySet<OnvifFact>, signal: AbortSignal) => Promise<Told>;

/** Reads the wanted facts, group by group; a group that fails leaves the others alone. */
export const readFacts = async (
  source: FactSource,
  wanted: ReadonlySet<OnvifFact>,
  signal: AbortSignal,
): Promise<FactsRead> => {
  const facts: Record<string, number | string | boolean> = {};
  const failures: HubError[] = [];
  for (const [names, read] of parts) {
    if (!names.some((name) => wanted.has(name))) continue;
    try {
      const told = await read(source, wanted, signal);
      for (const [name, value] of Object.entries(told)) {
        if (wanted.has(name as OnvifFact) && value !== undefined) facts[name] = value;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!isHubError(error)) throw error;
      if (error.code !== 'unsupported') failures.push(error);
    }
  }
  return { facts, failures };
};

const device: Part = async (source, _wanted, signal) => {
  const told = await source.information(signal);
  return {
    'device.firmware': told.firmwareVersion,
    'device.serialNumber': told.serialNumber,
    'device.hardwareId': told.hardwareId,
  };
};

const mainMedia: Part = async (source, wanted, signal) => {
  const { version, profiles } = await source.catalogue(signal);
  const [main, sub] = profiles;
  const facts: Told = {
    'media.service': version,
    'media.profileCount': profiles.length,
    'media.profiles': profiles
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 500),
    'media.audio': profiles.some((one) => one.audioEncoding !== undefined),
    ...encodingFacts('media.', main),
    ...encodingFacts('media.sub.', sub),
    'media.audioEncoding': main?.audioEncoding,
  };
  if (wanted.has('media.streamReachable'))
    facts['media.streamReachable'] = await source.isStreamReachable(main, signal);
  if (wanted.has('media.streamTcp')) facts['media.streamTcp'] = await source.isStreamPlaying(main, 'tcp', signal);
  if (wanted.has('media.streamUdp')) facts['media.streamUdp'] = await source.isStreamPlaying(main, 'udp', signal);
  if (wanted.has('media.snapshotReachable'))
    facts['media.snapshotReachable'] = await source.isSnapshotReachable(main, signal);
  return facts;
};

const encodingFacts = (prefix: 'media.' | 'media.sub.', profile: MediaProfile | undefined): Told =>
  Object.fromEntries(
    (['width', 'height', 'encoding', 'frameRate', 'bitrateKbps'] as const).map((name) => [
      `${prefix}${name}`,
      profile?.[name],
    ]),
  );

const ptz: Part = async (source, _wanted, signal) => {
  const profile = (await source.catalogue(signal)).profiles.find((one) => one.hasPtz);
  if (!profile) return {};
  const { pan, tilt, zoom, isMoving } = await ptzStatus(source.camera, profile.token, signal);
  return { 'ptz.pan': pan, 'ptz.tilt': tilt, 'ptz.zoom': zoom, 'ptz.moving': isMoving };
};

const ptzPresets: Part = async (source, _wanted, signal) => {
  const profile = (await source.catalogue(signal)).profiles.find((one) => one.hasPtz);
  if (!profile) return {};
  const list = await presets(source.camera, profile.token, signal);
  return {
    'ptz.presetCount': list.length,
    'ptz.presets': list
      .map(({ name }) => name)
      .join(', ')
      .slice(0, 1_000),
  };
};

const imaging: Part = async (source, _wanted, signal) => {
  const video = (await source.catalogue(signal)).profiles.find((one) => one.videoSource)?.videoSource;
  if (!video) return {};
  const settings = await imagingSettings(source.camera, video, signal);
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`imaging.${name}`, value]));
};

const relays: Part = async ({ camera }, _wanted, signal) => ({
  'io.relayCount': (await relayOutputs(camera, signal)).length,
});

const inputs: Part = async ({ camera }, _wanted, signal) => ({
  'io.inputCount': (await digitalInputs(camera, signal)).length,
});

const factsOf = (prefix: string): readonly OnvifFact[] =>
  onvifFactSchema.options.filter((fact) => fact.startsWith(prefix));

/** In this order: who it is comes first. */
const parts: readonly (readonly [readonly OnvifFact[], Part])[] = [
  [['device.firmware', 'device.serialNumber', 'device.hardwareId'], device],
  [['clock.skewMs'], async ({ camera }, _w, signal) => ({ 'clock.skewMs': await camera.readClockSkewMs(signal) })],
  [['clock.source'], async ({ camera }, _w, signal) => ({ 'clock.source': await clockSource(camera, signal) })],
  [['device.hostname'], async ({ camera }, _w, signal) => ({ 'device.hostname': await hostname(camera, signal) })],
  [
    ['device.macAddress'],
    async ({ camera }, _w, signal) => ({ 'device.macAddress': await macAddress(camera, signal) }),
  ],
  [['device.endpoint'], async ({ endpoint }) => ({ 'device.endpoint': endpoint })],
  [factsOf('media.'), mainMedia],
  [['ptz.pan', 'ptz.tilt', 'ptz.zoom', 'ptz.moving'], ptz],
  [['ptz.presetCount', 'ptz.presets'], ptzPresets],
  [factsOf('imaging.'), imaging],
  [['io.relayCount'], relays],
  [['io.inputCount'], inputs],
];

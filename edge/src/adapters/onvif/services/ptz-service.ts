import type { XmlNode } from '../soap/xml-node.js';
import { escapeXml } from '../soap/xml-node.js';
import type { Camera } from './camera.js';
import { durationTag, profileTag, schema } from './onvif-xml.js';

/** Generic spaces: pan and tilt -1..1, zoom position 0..1, speeds -1..1. */
export interface PtzVector {
  readonly pan?: number | undefined;
  readonly tilt?: number | undefined;
  readonly zoom?: number | undefined;
}

export interface PtzStatus extends PtzVector {
  /** Undefined where the camera does not tell. */
  readonly isMoving: boolean | undefined;
}

export interface Preset {
  readonly token: string;
  readonly name: string;
  /** Undefined: the camera does not tell. */
  readonly place?: PtzVector | undefined;
}

const maxPresets = 300;
/** `ReferenceToken` of ONVIF. */
const maxTokenLength = 64;

export const ptzStatus = async (camera: Camera, token: string, signal: AbortSignal): Promise<PtzStatus> => {
  const reply = await camera.call('ptz', 'GetStatus', profileTag(token), { signal });
  const status = reply.at('PTZStatus');
  const told = ['PanTilt', 'Zoom'].map((part) => status?.textAt('MoveStatus', part)?.toUpperCase());
  const isMoving = told.includes('MOVING') ? true : told.includes('IDLE') ? false : undefined;
  return { ...placeOf(status?.at('Position')), isMoving };
};

const placeOf = (position: XmlNode | undefined): PtzVector => {
  const number = (element: string, axis: string) => {
    const value = Number(position?.at(element)?.attribute(axis) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  return { pan: number('PanTilt', 'x'), tilt: number('PanTilt', 'y'), zoom: number('Zoom', 'x') };
};

/** The camera stops by itself after `timeoutMs`, where it honours that. */
export const continuousMove = async (
  camera: Camera,
  token: string,
  { velocity, timeoutMs, signal }: { velocity: PtzVector; timeoutMs: number; signal: AbortSignal },
): Promise<void> => {
  const body = `${profileTag(token)}<Velocity>${vectorTags(velocity)}</Velocity>${durationTag('Timeout', timeoutMs)}`;
  await camera.call('ptz', 'ContinuousMove', body, { signal, isUrgent: true });
};

export const moveTo = async (
  camera: Camera,
  token: string,
  { position, speed, signal }: { position: PtzVector; speed: number | undefined; signal: AbortSignal },
): Promise<void> => {
  const body = `${profileTag(token)}<Position>${vectorTags(position)}</Position>${speedTag(speed)}`;
  await camera.call('ptz', 'AbsoluteMove', body, { signal });
};

export const moveBy = async (
  camera: Camera,
  token: string,
  { translation, speed, signal }: { translation: PtzVector; speed: number | undefined; signal: AbortSignal },
): Promise<void> => {
  const body = `${profileTag(token)}<Translation>${vectorTags(translation)}</Translation>${speedTag(speed)}`;
  await camera.call('ptz', 'RelativeMove', body, { signal });
};

export const stopMoving = async (camera: Camera, token: string, signal: AbortSignal): Promise<void> => {
  await camera.call('ptz', 'Stop', `${profileTag(token)}<PanTilt>true</PanTilt><Zoom>true</Zoom>`, {
    signal,
    isUrgent: true,
  });
};

export const presets = async (camera: Camera, token: string, signal: AbortSignal): Promise<Preset[]> => {
  const reply = await camera.call('ptz', 'GetPresets', profileTag(token), { signal });
  return reply
    .all('Preset')
    .slice(0, maxPresets)
    .flatMap((node) => {
      const preset = node.attribute('token');
      const place = placeOf(node.at('PTZPosition'));
      const isTold = place.pan !== undefined || place.zoom !== undefined;
      return preset && preset.length <= maxTokenLength
        ? [{ token: preset, name: (node.textAt('Name') || preset).slice(0, 100), ...(isTold ? { place } : {}) }]
        : [];
    });
};

const presetTag = (preset: string): string => `<PresetToken>${escapeXml(preset)}</PresetToken>`;

export const gotoPreset = async (
  camera: Camera,
  token: string,
  { preset, speed, signal }: { preset: string; speed: number | undefined; signal: AbortSignal },
): Promise<void> => {
  await camera.call('ptz', 'GotoPreset', profileTag(token) + presetTag(preset) + speedTag(speed), { signal });
};

/** Where the camera looks now, as a new preset or in place of one. Its token. */
export const setPreset = async (
  camera: Camera,
  token: string,
  { name, preset, signal }: { name: string | undefined; preset: string | undefined; signal: AbortSignal },
): Promise<string> => {
  const named = name === undefined ? '' : `<PresetName>${escapeXml(name)}</PresetName>`;
  const body = profileTag(token) + named + (preset === undefined ? '' : presetTag(preset));
  const reply = await camera.call('ptz', 'SetPreset', body, { signal });
  return reply.need('PresetToken').text();
};

export const removePreset = async (
  camera: Camera,
  token: string,
  preset: string,
  signal: AbortSignal,
): Promise<void> => {
  await camera.call('ptz', 'RemovePreset', profileTag(token) + presetTag(preset), { signal });
};

export const gotoHome = async (
  camera: Camera,
  token: string,
  speed: number | undefined,
  signal: AbortSignal,
): Promise<void> => {
  await camera.call('ptz', 'GotoHomePosition', profileTag(token) + speedTag(speed), { signal });
};

export const setHome = async (camera: Camera, token: string, signal: AbortSignal): Promise<void> => {
  await camera.call('ptz', 'SetHomePosition', profileTag(token), { signal });
};

/** What auxiliary commands its nodes have; most tell none. */
export const auxiliaryCommands = async (camera: Camera, signal: AbortSignal): Promise<string[]> => {
  const reply = await camera.call('ptz', 'GetNodes', '', { signal });
  const told = reply.all('PTZNode').flatMap((node) => node.all('AuxiliaryCommands').map((one) => one.text().trim()));
  return [...new Set(told)].filter((one) => one.length > 0 && one.length <= 64).slice(0, 64);
};

/** Such as `tt:Wiper|On`. What the camera answers. */
export const auxiliary = async (
  camera: Camera,
  token: string,
  command: string,
  signal: AbortSignal,
): Promise<string> => {
  const body = `${profileTag(token)}<AuxiliaryData>${escapeXml(command)}</AuxiliaryData>`;
  return (await camera.call('ptz', 'SendAuxiliaryCommand', body, { signal })).textAt('AuxiliaryResponse') ?? '';
};

const speedTag = (speed: number | undefined): string =>
  speed === undefined ? '' : `<Speed>${vectorTags({ pan: speed, tilt: speed, zoom: speed })}</Speed>`;

const vectorTags = ({ pan, tilt, zoom }: PtzVector): string => {
  const panTilt =
    pan === undefined && tilt === undefined ? '' : `<PanTilt x="${pan ?? 0}" y="${tilt ?? 0}" xmlns="${schema}"/>`;
  return panTilt + (zoom === undefined ? '' : `<Zoom x="${zoom}" xmlns="${schema}"/>`);
};

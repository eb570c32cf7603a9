import { escapeXml } from '../soap/xml-node.js';
import type { Camera } from './camera.js';
import { schema } from './onvif-xml.js';

/** Numbers in the camera's own range; `irCutFilter` ON (day), OFF (night) or AUTO; switches ON or OFF. */
export interface ImagingSettings {
  readonly brightness?: number | undefined;
  readonly contrast?: number | undefined;
  readonly saturation?: number | undefined;
  readonly sharpness?: number | undefined;
  readonly irCutFilter?: string | undefined;
  readonly wideDynamicRange?: boolean | undefined;
  readonly backlight?: boolean | undefined;
}

/** In the order of tt:ImagingSettings20, which cameras that check the schema insist on. */
const parts: readonly [keyof ImagingSettings, string, 'mode' | 'plain'][] = [
  ['backlight', 'BacklightCompensation', 'mode'],
  ['brightness', 'Brightness', 'plain'],
  ['saturation', 'ColorSaturation', 'plain'],
  ['contrast', 'Contrast', 'plain'],
  ['irCutFilter', 'IrCutFilter', 'plain'],
  ['sharpness', 'Sharpness', 'plain'],
  ['wideDynamicRange', 'WideDynamicRange', 'mode'],
];
export const imagingNames: readonly string[] = parts.map(([name]) => name);

const sourceTag = (source: string): string => `<VideoSourceToken>${escapeXml(source)}</VideoSourceToken>`;

export const imagingSettings = async (
  camera: Camera,
  source: string,
  signal: AbortSignal,
): Promise<ImagingSettings> => {
  const reply = await camera.call('imaging', 'GetImagingSettings', sourceTag(source), { signal });
  const node = reply.need('ImagingSettings');
  const mode = (name: string) => {
    const text = node.textAt(name, 'Mode');
    return text === undefined ? undefined : text.toUpperCase() === 'ON';
  };
  return {
    brightness: node.numberAt('Brightness'),
    contrast: node.numberAt('Contrast'),
    saturation: node.numberAt('ColorSaturation'),
    sharpness: node.numberAt('Sharpness'),
    irCutFilter: node.textAt('IrCutFilter')?.toUpperCase().slice(0, 16),
    wideDynamicRange: mode('WideDynamicRange'),
    backlight: mode('BacklightCompensation'),
  };
};

/** What is left out stays as it is. */
export const setImaging = async (
  camera: Camera,
  source: string,
  settings: ImagingSettings,
  signal: AbortSignal,
): Promise<void> => {
  const tags = parts.map(([name, element, kind]) => {
    const value = settings[name];
    if (value === undefined) return '';
    const inner = kind === 'mode' ? `<Mode>${value === true ? 'ON' : 'OFF'}</Mode>` : escapeXml(String(value));
    return `<${element} xmlns="${schema}">${inner}</${element}>`;
  });
  const body = `<ImagingSettings>${tags.join('')}</ImagingSettings>`;
  await camera.call(
    'imaging',
    'SetImagingSettings',
    `${sourceTag(source)}${body}<ForcePersistence>true</ForcePersistence>`,
    {
      signal,
    },
  );
};

/** Speed -1 (near) to 1 (far). */
export const focusMove = async (camera: Camera, source: string, speed: number, signal: AbortSignal): Promise<void> => {
  const focus = `<Focus><Continuous xmlns="${schema}"><Speed>${speed}</Speed></Continuous></Focus>`;
  await camera.call('imaging', 'Move', sourceTag(source) + focus, { signal });
};

export const focusStop = async (camera: Camera, source: string, signal: AbortSignal): Promise<void> => {
  await camera.call('imaging', 'Stop', sourceTag(source), { signal });
};

import type { ImagingState } from '../camera-state.js';
import { fault, partOf, reply, textOf } from '../soap.js';
import type { Operations } from './operation.js';

const numbers = [
  ['Brightness', 'brightness'],
  ['ColorSaturation', 'saturation'],
  ['Contrast', 'contrast'],
  ['Sharpness', 'sharpness'],
] as const;

const mode = (on: boolean) => `<tt:Mode>${on ? 'ON' : 'OFF'}</tt:Mode>`;

/** In the order of tt:ImagingSettings20. */
const settings = (imaging: ImagingState): string =>
  `<tt:BacklightCompensation>${mode(imaging.backlight)}</tt:BacklightCompensation>` +
  `<tt:Brightness>${imaging.brightness}</tt:Brightness><tt:ColorSaturation>${imaging.saturation}</tt:ColorSaturation>` +
  `<tt:Contrast>${imaging.contrast}</tt:Contrast><tt:IrCutFilter>${imaging.irCutFilter}</tt:IrCutFilter>` +
  `<tt:Sharpness>${imaging.sharpness}</tt:Sharpness><tt:WideDynamicRange>${mode(imaging.wideDynamicRange)}</tt:WideDynamicRange>`;

const change = (request: string): Partial<ImagingState> | undefined => {
  const wanted: Partial<ImagingState> = {};
  for (const [tag, name] of numbers) {
    const text = textOf(request, tag);
    if (text === undefined) continue;
    const value = Number(text);
    if (!(value >= 0 && value <= 100)) return undefined;
    wanted[name] = value;
  }
  const filter = textOf(request, 'IrCutFilter');
  if (filter !== undefined && !['ON', 'OFF', 'AUTO'].includes(filter)) return undefined;
  if (filter !== undefined) wanted.irCutFilter = filter;
  const wide = textOf(partOf(request, 'WideDynamicRange') ?? '', 'Mode');
  if (wide !== undefined) wanted.wideDynamicRange = wide === 'ON';
  const light = textOf(partOf(request, 'BacklightCompensation') ?? '', 'Mode');
  if (light !== undefined) wanted.backlight = light === 'ON';
  return wanted;
};

const noSource = () => fault('Sender', 'NoSource', 'The requested video source does not exist');
const isSource = (request: string) => textOf(request, 'VideoSourceToken') === 'vs';

/** Numbers go from 0 to 100. */
export const imagingOperations: Operations = {
  GetImagingSettings: (request, { state }) =>
    isSource(request)
      ? reply('timg', 'GetImagingSettings', `<timg:ImagingSettings>${settings(state.imaging)}</timg:ImagingSettings>`)
      : noSource(),
  SetImagingSettings: (request, { state }) => {
    if (!isSource(request)) return noSource();
    const wanted = change(request);
    if (!wanted) return fault('Sender', 'SettingsInvalid', 'The requested settings are incorrect');
    Object.assign(state.imaging, wanted);
    return reply('timg', 'SetImagingSettings');
  },
  GetOptions: (request) =>
    isSource(request)
      ? reply(
          'timg',
          'GetOptions',
          `<timg:ImagingOptions>${numbers.map(([tag]) => `<tt:${tag}><tt:Min>0</tt:Min><tt:Max>100</tt:Max></tt:${tag}>`).join('')}</timg:ImagingOptions>`,
        )
      : noSource(),
  Move: (request, { state }) => {
    if (!isSource(request)) return noSource();
    state.focusSpeed = Number(textOf(partOf(request, 'Continuous') ?? '', 'Speed') ?? 0);
    return reply('timg', 'Move');
  },
  Stop: (request, { state }) => {
    if (!isSource(request)) return noSource();
    state.focusSpeed = 0;
    return reply('timg', 'Stop');
  },
};

import type { CameraPosition } from '../camera-state.js';
import { attributeOf, durationMs, fault, partOf, reply, textOf, xml } from '../soap.js';
import { isoTime, type Operations } from './operation.js';

const vector = (request: string, tag: string): Partial<CameraPosition> => {
  const part = partOf(request, tag) ?? '';
  const number = (element: string, attribute: string) => {
    const text = attributeOf(part, element, attribute);
    return text === undefined ? undefined : Number(text);
  };
  const axes = { pan: number('PanTilt', 'x'), tilt: number('PanTilt', 'y'), zoom: number('Zoom', 'x') };
  return Object.fromEntries(Object.entries(axes).filter(([, value]) => value !== undefined));
};

const noPreset = () => fault('Sender', 'NoToken', 'The requested preset does not exist');
const maxPresets = 16;

export const ptzOperations: Operations = {
  GetNodes: () =>
    reply(
      'tptz',
      'GetNodes',
      `<tptz:PTZNode token="node" FixedHomePosition="false"><tt:Name>node</tt:Name><tt:MaximumNumberOfPresets>${maxPresets}</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported><tt:AuxiliaryCommands>tt:Wiper|On</tt:AuxiliaryCommands><tt:AuxiliaryCommands>tt:Wiper|Off</tt:AuxiliaryCommands></tptz:PTZNode>`,
    ),
  GetConfigurations: () =>
    reply(
      'tptz',
      'GetConfigurations',
      '<tptz:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>node</tt:NodeToken></tptz:PTZConfiguration>',
    ),
  GetStatus: (_request, { state }) => {
    const { pan, tilt, zoom } = state.position;
    const status = state.moving ? 'MOVING' : 'IDLE';
    return reply(
      'tptz',
      'GetStatus',
      `<tptz:PTZStatus><tt:Position><tt:PanTilt x="${pan.toFixed(4)}" y="${tilt.toFixed(4)}"/><tt:Zoom x="${zoom.toFixed(4)}"/></tt:Position><tt:MoveStatus><tt:PanTilt>${status}</tt:PanTilt><tt:Zoom>${status}</tt:Zoom></tt:MoveStatus><tt:UtcTime>${isoTime(state.now())}</tt:UtcTime></tptz:PTZStatus>`,
    );
  },
  ContinuousMove: (request, { state }) => {
    state.move(vector(request, 'Velocity'), durationMs(textOf(request, 'Timeout'), 10_000));
    return reply('tptz', 'ContinuousMove');
  },
  AbsoluteMove: (request, { state }) => {
    state.goTo(vector(request, 'Position'));
    return reply('tptz', 'AbsoluteMove');
  },
  RelativeMove: (request, { state }) => {
    const by = vector(request, 'Translation');
    const from = state.position;
    state.goTo({ pan: from.pan + (by.pan ?? 0), tilt: from.tilt + (by.tilt ?? 0), zoom: from.zoom + (by.zoom ?? 0) });
    return reply('tptz', 'RelativeMove');
  },
  Stop: (_request, { state }) => {
    state.stop();
    return reply('tptz', 'Stop');
  },
  GetPresets: (_request, { state }) =>
    reply(
      'tptz',
      'GetPresets',
      [...state.presets]
        .map(
          ([
            token,
            {
              name,
              position: { pan, tilt, zoom },
            },
          ]) =>
            `<tptz:Preset token="${xml(token)}"><tt:Name>${xml(name)}</tt:Name>${state.tellsPresetPlaces ? `<tt:PTZPosition><tt:PanTilt x="${pan.toFixed(4)}" y="${tilt.toFixed(4)}"/><tt:Zoom x="${zoom.toFixed(4)}"/></tt:PTZPosition>` : ''}</tptz:Preset>`,
        )
        .join(''),
    ),
  SetPreset: (request, { state }) => {
    const given = textOf(request, 'PresetToken');
    const known = given === undefined ? undefined : state.presets.get(given);
    if (given !== undefined && !known) return noPreset();
    if (!known && state.presets.size >= maxPresets)
      return fault('Receiver', 'TooManyPresets', 'Maximum number of presets reached');
    const name = textOf(request, 'PresetName') ?? known?.name ?? 'preset';
    return reply('tptz', 'SetPreset', `<tptz:PresetToken>${xml(state.setPreset(name, given))}</tptz:PresetToken>`);
  },
  GotoPreset: (request, { state }) => {
    const preset = state.presets.get(textOf(request, 'PresetToken') ?? '');
    if (!preset) return noPreset();
    state.goTo(preset.position);
    return reply('tptz', 'GotoPreset');
  },
  RemovePreset: (request, { state }) =>
    state.presets.delete(textOf(request, 'PresetToken') ?? '') ? reply('tptz', 'RemovePreset') : noPreset(),
  GotoHomePosition: (_request, { state }) => {
    state.goTo(state.home);
    return reply('tptz', 'GotoHomePosition');
  },
  SetHomePosition: (_request, { state }) => {
    state.home = state.position;
    return reply('tptz', 'SetHomePosition');
  },
  SendAuxiliaryCommand: (request, { state }) => {
    const command = textOf(request, 'AuxiliaryData') ?? '';
    if (!/^tt:Wiper\|(?:On|Off)$/.test(command)) return fault('Sender', 'InvalidArgVal', 'Unknown auxiliary command');
    state.auxiliary = command;
    return reply('tptz', 'SendAuxiliaryCommand', `<tptz:AuxiliaryResponse>${command}</tptz:AuxiliaryResponse>`);
  },
};

import { z } from 'zod';

/** Operations that the ONVIF adapter offers; the command's input fields carry the names of their arguments. */
export const onvifActionSchema = z.enum([
  'snapshot',
  'streamUri',
  'streamProbe',
  'ptz.continuousMove',
  'ptz.relativeMove',
  'ptz.absoluteMove',
  'ptz.stop',
  'ptz.gotoPreset',
  'ptz.setPreset',
  'ptz.removePreset',
  'ptz.listPresets',
  'ptz.gotoHome',
  'ptz.setHome',
  'ptz.auxiliary',
  'imaging.set',
  'imaging.focusMove',
  'imaging.focusStop',
  'relay.set',
  'relay.pulse',
  'io.list',
  'device.reboot',
  'device.syncTime',
  'device.setHostname',
]);
export type OnvifAction = z.infer<typeof onvifActionSchema>;

export const onvifCapabilitySchema = z.enum(['profiles', 'snapshot', 'ptz', 'events', 'imaging', 'relays']);
export type OnvifCapability = z.infer<typeof onvifCapabilitySchema>;

export interface OnvifActionShape {
  /** What the profile's capabilities must name. */
  readonly needs?: OnvifCapability;
  /** Arguments that must come from the command's input or from `with`. */
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  readonly output?: readonly string[];
}

const axes = ['pan', 'tilt', 'zoom'] as const;

/** Arguments and outputs of each action; `media` picks a media profile by `main`, `sub`, its token or its name. */
export const onvifActionShapes: Readonly<Record<OnvifAction, OnvifActionShape>> = {
  snapshot: { needs: 'snapshot', optional: ['media'], output: ['uri', 'contentType', 'bytes'] },
  streamUri: { optional: ['media', 'transport'], output: ['uri', 'media'] },
  streamProbe: { optional: ['media', 'transport'], output: ['codec', 'tracks', 'packets', 'elapsedMs'] },
  'ptz.continuousMove': { needs: 'ptz', optional: [...axes, 'durationMs'] },
  'ptz.relativeMove': { needs: 'ptz', optional: [...axes, 'speed'] },
  'ptz.absoluteMove': { needs: 'ptz', optional: [...axes, 'speed'] },
  'ptz.stop': { needs: 'ptz' },
  'ptz.gotoPreset': { needs: 'ptz', required: ['preset'], optional: ['speed'] },
  'ptz.setPreset': { needs: 'ptz', optional: ['name', 'preset'], output: ['preset'] },
  'ptz.removePreset': { needs: 'ptz', required: ['preset'] },
  'ptz.listPresets': { needs: 'ptz', output: ['count', 'presets'] },
  'ptz.gotoHome': { needs: 'ptz', optional: ['speed'] },
  'ptz.setHome': { needs: 'ptz' },
  'ptz.auxiliary': { needs: 'ptz', required: ['command'], output: ['response'] },
  'imaging.set': {
    needs: 'imaging',
    optional: ['brightness', 'contrast', 'saturation', 'sharpness', 'irCutFilter', 'wideDynamicRange', 'backlight'],
  },
  'imaging.focusMove': { needs: 'imaging', required: ['speed'], optional: ['durationMs'] },
  'imaging.focusStop': { needs: 'imaging' },
  'relay.set': { needs: 'relays', required: ['on'], optional: ['token'] },
  'relay.pulse': { needs: 'relays', optional: ['token', 'durationMs'] },
  'io.list': { needs: 'relays', output: ['relays', 'inputs'] },
  'device.reboot': { output: ['message', 'awayMs'] },
  'device.syncTime': { output: ['skewMs'] },
  'device.setHostname': { required: ['name'], output: ['reboot'] },
};

/** What is wrong with a bound command: a capability that is not named, an argument the action has not, one that is missing. */
export function checkOnvifCommand(
  binding: { readonly capabilities: readonly OnvifCapability[] },
  command: { readonly action: OnvifAction; readonly with?: Readonly<Record<string, unknown>> | undefined },
  inputs: readonly string[],
): { path: string[]; message: string }[] {
  const { needs, required = [], optional = [] } = onvifActionShapes[command.action];
  const known = [...required, ...optional];
  const fixed = Object.keys(command.with ?? {});
  const unknown = (name: string) =>
    `${command.action} has no argument ${name}${known.length > 0 ? `; it has: ${known.join(', ')}` : ''}`;
  return [
    ...(needs && !binding.capabilities.includes(needs)
      ? [{ path: ['action'], message: `${command.action} needs the capability ${needs}` }]
      : []),
    ...fixed.filter((name) => !known.includes(name)).map((name) => ({ path: ['with', name], message: unknown(name) })),
    ...inputs.filter((name) => !known.includes(name)).map((name) => ({ path: ['action'], message: unknown(name) })),
    ...required
      .filter((name) => !fixed.includes(name) && !inputs.includes(name))
      .map((name) => ({ path: ['action'], message: `${command.action} needs the argument ${name}` })),
  ];
}

import type { Profile } from '@hallhub/shared/profile';

/** What a camera offers; services that it lacks are not announced, and refuse. */
export interface CameraFeatures {
  /** Media2 beside Media1. */
  readonly media2: boolean;
  readonly ptz: boolean;
  readonly imaging: boolean;
  readonly events: boolean;
  readonly audio: boolean;
  readonly relays: readonly string[];
  readonly inputs: readonly string[];
  /** The main stream as it is told; the picture served is 640 x 360. */
  readonly video: {
    readonly width: number;
    readonly height: number;
    readonly frameRate: number;
    readonly bitrateKbps: number;
  };
}

export const allFeatures: CameraFeatures = {
  media2: true,
  ptz: true,
  imaging: true,
  events: true,
  audio: true,
  relays: ['relay1', 'relay2'],
  inputs: ['input1'],
  video: { width: 640, height: 360, frameRate: 12, bitrateKbps: 400 },
};

/** What a profile's camera has: no more than its binding speaks of. */
export const featuresOf = (profile: Profile): CameraFeatures => {
  const binding = profile.bindings.onvif;
  const has = (capability: 'ptz' | 'imaging' | 'events' | 'relays') =>
    binding?.capabilities.includes(capability) ?? false;
  const tokens = (item: string, fallback: string): string[] => {
    const specs = [...Object.values(binding?.properties ?? {}), ...Object.values(binding?.events ?? {})];
    const named = specs.flatMap((spec) =>
      'where' in spec && spec.where?.[item] !== undefined ? [String(spec.where[item])] : [],
    );
    const fixed = Object.values(binding?.commands ?? {}).flatMap(({ action, with: given }) =>
      item === 'RelayToken' && action.startsWith('relay.') && given?.token !== undefined ? [String(given.token)] : [],
    );
    const all = [...new Set([...named, ...fixed])];
    return all.length > 0 ? all : [fallback];
  };
  return {
    ...allFeatures,
    ptz: has('ptz'),
    imaging: has('imaging'),
    events: has('events'),
    relays: has('relays') ? tokens('RelayToken', 'relay1') : [],
    inputs: has('relays') ? tokens('InputToken', 'input1') : [],
  };
};

import { parseArgs } from 'node:util';
import { HubError } from '@hallhub/shared';
import { type FaultKind, faultKinds, type PictureFaultKind, pictureFaultKinds } from './faults/faults.js';
import { type PartName, partNames } from './hall-parts.js';

export interface SimulatorOptions {
  readonly dataDir: string;
  readonly edgeMqtt: string;
  /** The small hall's devices, every profile, or devices of some profiles. */
  readonly hall:
    | { readonly kind: 'small'; readonly only: readonly PartName[] }
    | { readonly kind: 'full' }
    | { readonly kind: 'profiles'; readonly profiles: readonly string[]; readonly count: number };
  readonly faults: ReadonlyMap<string, FaultKind | PictureFaultKind>;
  readonly seed: number | undefined;
}

export const helpText = `Simulated devices of a hall, as real protocol peers.

  --data DIR         where they keep what real devices keep (default data/simulators)
  --edge-mqtt URL    the unit's broker (default mqtt://127.0.0.1:1883)
  --hall SIZE        small (the default) or full: devices of every profile, over all protocols
  --only a,b         of the small hall some of: ${partNames.join(', ')}
  --profile a/b,c/d  instead of a hall devices of these profiles
  --count N          so many of each profile (default 1)
  --faults a=b,...   let devices fail: NAME=FAULT; FAULT is one of
                     ${faultKinds.join(', ')};
                     of a camera of the small hall also
                     ${pictureFaultKinds.slice(0, 6).join(', ')},
                     ${pictureFaultKinds.slice(6).join(', ')}
  --seed N           the same visitors and values every time

Profiles are read from the repository's firmware-profiles, or from HALLHUB_PROFILES.`;

const optionTypes = {
  data: { type: 'string' },
  'edge-mqtt': { type: 'string' },
  hall: { type: 'string' },
  only: { type: 'string' },
  profile: { type: 'string' },
  count: { type: 'string' },
  faults: { type: 'string' },
  seed: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** @throws HubError `configuration` for an unknown option, device or fault */
export const parseOptions = (argv: readonly string[]): SimulatorOptions | 'help' => {
  const values = read(argv);
  if (values.help) return 'help';
  return {
    dataDir: values.data ?? 'data/simulators',
    edgeMqtt: values['edge-mqtt'] ?? 'mqtt://127.0.0.1:1883',
    hall: hallOf(values),
    faults: faultsOf(values.faults),
    seed: values.seed === undefined ? undefined : Number(values.seed),
  };
};

const read = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: optionTypes }).values;
  } catch (cause) {
    throw new HubError('configuration', (cause as Error).message, { cause, hint: helpText });
  }
};

const hallOf = (values: ReturnType<typeof read>): SimulatorOptions['hall'] => {
  if (values.profile !== undefined) {
    const count = Number(values.count ?? 1);
    if (!Number.isInteger(count) || count < 1 || count > 999)
      throw wrong(`--count is ${values.count}`, 'From 1 to 999.');
    return { kind: 'profiles', profiles: values.profile.split(',').map((id) => id.trim()), count };
  }
  if (values.hall === 'full') return { kind: 'full' };
  if (values.hall !== undefined && values.hall !== 'small') {
    throw wrong(`There is no hall “${values.hall}”`, 'Choose small or full.');
  }
  const only = values.only?.split(',').map((name) => name.trim());
  const unknown = only?.find((name) => !partNames.includes(name as PartName));
  if (unknown !== undefined) {
    throw wrong(`There is no simulated device “${unknown}”`, `Choose from ${partNames.join(', ')}.`);
  }
  return { kind: 'small', only: (only as PartName[] | undefined) ?? partNames };
};

const allFaults: readonly string[] = [...faultKinds, ...pictureFaultKinds];

const faultsOf = (text: string | undefined): SimulatorOptions['faults'] => {
  const faults = new Map<string, FaultKind | PictureFaultKind>();
  for (const entry of text?.split(',') ?? []) {
    const [name = '', fault = ''] = entry.split('=').map((part) => part.trim());
    if (name === '' || !allFaults.includes(fault)) {
      throw wrong(`“${entry}” is no fault of a device`, `Write NAME=FAULT, with FAULT one of ${allFaults.join(', ')}.`);
    }
    faults.set(name, fault as FaultKind | PictureFaultKind);
  }
  return faults;
};

const wrong = (message: string, hint: string): HubError => new HubError('configuration', message, { hint });

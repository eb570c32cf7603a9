import { HubError, toHubError } from '@hallhub/shared';
import type { Profile } from '@hallhub/shared/profile';
import { openHall } from './hall/open-hall.js';
import { planHall } from './hall/plan-hall.js';
import type { Plug } from './hall/plug.js';
import { type FilmedScene, hallParts, type RunningPart } from './hall-parts.js';
import type { SimulatorOptions } from './options.js';
import { loadProfiles } from './profiled/load-profiles.js';
import { seededRandom } from './random.js';

/** A full hall has at least so many devices, however few profiles there are. */
const fullHallDevices = 62;

export interface Simulators extends AsyncDisposable {
  readonly parts: readonly RunningPart[];
  readonly plugs: ReadonlyMap<string, Plug>;
}

export interface SimulatorEvents {
  /** What is being done. */
  readonly say: (step: string, text: string) => void;
  /** A camera of the small hall shows its scene from now on. */
  readonly onFilming?: (camera: FilmedScene) => void;
}

/** Opens what the options ask for. Throws `configuration` for a profile or device that is not there. */
export const openSimulators = async (options: SimulatorOptions, events: SimulatorEvents): Promise<Simulators> => {
  const opened = options.hall.kind === 'small' ? await openSmall(options, events) : await openPlanned(options, events);
  const plugs = new Map(opened.parts.flatMap((part) => part.plugs ?? []).map((plug) => [plug.name, plug]));
  for (const [name, fault] of options.faults) {
    const plug = plugs.get(name);
    if (plug?.kinds.includes(fault)) {
      plug.set(fault);
      continue;
    }
    await opened[Symbol.asyncDispose]();
    if (plug)
      throw new HubError('configuration', `${name} cannot fail by ${fault}`, {
        hint: `It can: ${plug.kinds.join(', ')}.`,
      });
    const known = plugs.size === 0 ? 'No device here can fail.' : `There are ${[...plugs.keys()].join(', ')}.`;
    throw new HubError('configuration', `There is no device “${name}” that could fail`, { hint: known });
  }
  return { parts: opened.parts, plugs, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
};

type Opened = AsyncDisposable & { readonly parts: readonly RunningPart[] };

const randomOf = ({ seed }: SimulatorOptions): (() => number) =>
  seed === undefined ? Math.random : seededRandom(seed);

const openSmall = async (options: SimulatorOptions, { say, onFilming }: SimulatorEvents): Promise<Opened> => {
  const { dataDir, edgeMqtt, hall } = options;
  const random = randomOf(options);
  const parts: RunningPart[] = [];
  // Last started, first stopped; a part that fails to stop does not keep the others.
  const close = async () => {
    for (const part of [...parts].reverse()) {
      try {
        await part[Symbol.asyncDispose]();
      } catch (error) {
        say(part.device.name, `did not stop cleanly: ${toHubError(error).message}`);
      }
    }
  };
  try {
    for (const name of hall.kind === 'small' ? hall.only : []) {
      say(name, `starting ${name}`);
      parts.push(await hallParts[name]({ dataDir, edgeMqtt, random, note: say, onFilming }));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { parts, [Symbol.asyncDispose]: close };
};

const openPlanned = async (options: SimulatorOptions, { say }: SimulatorEvents): Promise<Opened> => {
  const { dataDir, edgeMqtt, hall } = options;
  const all = loadProfiles(undefined, (issue) => say('profiles', `left out: ${issue}`));
  const profiles = hall.kind === 'profiles' ? chosen(all, hall.profiles) : all;
  const plan = planHall(
    profiles,
    hall.kind === 'profiles' ? { count: hall.count, among: [...all.values()] } : { atLeast: fullHallDevices },
  );
  return openHall(plan, {
    dataDir,
    edgeMqtt,
    random: randomOf(options),
    profiles: all,
    onPart: (name) => say(name, `starting ${name}`),
    note: say,
  });
};

const chosen = (all: ReadonlyMap<string, Profile>, ids: readonly string[]): ReadonlyMap<string, Profile> => {
  const unknown = ids.find((id) => !all.has(id));
  if (unknown !== undefined) {
    throw new HubError('configuration', `There is no profile ${unknown}`, {
      hint: 'Profiles are firmware-profiles/<vendor>/<model>.yaml; `hub profile lint` says what is wrong with one that was left out.',
    });
  }
  return new Map([...all].filter(([id]) => ids.includes(id)));
};

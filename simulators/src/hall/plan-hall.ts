import type { LineSettings, Literal, Profile } from '@hallhub/shared/profile';
import { isRecognised } from './is-recognised.js';

export interface PlannedSlave {
  readonly name: string;
  readonly profile: string;
  readonly unitId: number;
  /** The unit is told what it is, because its profile has no probe or not one of its own. */
  readonly pinned: boolean;
}

export type PlannedPart =
  | { readonly kind: 'gateway'; readonly name: string; readonly slaves: readonly PlannedSlave[] }
  | {
      readonly kind: 'rtu';
      readonly name: string;
      readonly line: LineSettings;
      readonly slaves: readonly PlannedSlave[];
    }
  | {
      readonly kind: 'serial';
      readonly name: string;
      readonly profile: string;
      /** More than one: they share the line and differ in their parameters. */
      readonly devices: readonly { readonly name: string; readonly params: Readonly<Record<string, Literal>> }[];
    }
  | { readonly kind: 'mapped'; readonly name: string; readonly profile: string; readonly topicName: string }
  | { readonly kind: 'native'; readonly name: string; readonly profile: string; readonly serial: string }
  | { readonly kind: 'camera'; readonly name: string; readonly profile: string; readonly serial: string };

export interface PlannedDevice {
  readonly name: string;
  readonly profile: string;
  readonly kind: PlannedPart['kind'];
}

export interface PlanOptions {
  /** Of each profile; left out: as many as a hall has of such devices. */
  readonly count?: number;
  /** At least so many in all, by more of the usual ones. */
  readonly atLeast?: number;
  /** The profiles that the unit knows, where they are more than these. */
  readonly among?: readonly Profile[];
}

/** How many of one model a hall has. */
const usualCount: Readonly<Record<string, number>> = { evaluator: 3, 'leak-sensor': 2, 'smoke-sensor': 2, door: 2 };
/** Of these there may be any number. */
const more = new Set([
  'evaluator',
  'leak-sensor',
  'smoke-sensor',
  'door',
  'environment-sensor',
  'meter',
  'light',
  'relay',
]);
const slavesOfGateway = 8;
const slavesOfLine = 6;
const devicesOfMultiDrop = 3;

interface One {
  readonly name: string;
  readonly id: string;
  readonly profile: Profile;
}

/** Spreads profiles over gateways, lines, topics and addresses, always in the same way. */
export const planHall = (profiles: ReadonlyMap<string, Profile>, options: PlanOptions = {}): PlannedPart[] => {
  const all = namedOnes(profiles, options);
  const of = (test: (profile: Profile) => unknown) => all.filter(({ profile }) => test(profile));
  const modbus = of(({ bindings }) => bindings.modbus);
  const onRtu = modbus.filter(({ profile }) => lineOf(profile));
  const serial = of(({ bindings }) => !bindings.modbus && bindings.serial);
  const mqtt = of(({ bindings }) => !bindings.modbus && !bindings.serial && bindings.mqtt);
  const cameras = of(isOnlyCamera);
  return [
    ...gateways(
      modbus.filter((one) => !onRtu.includes(one)),
      [...profiles.values()],
    ),
    ...rtuLines(onRtu),
    ...serialLines(serial),
    ...mqtt.map(
      ({ name, id, profile }): PlannedPart =>
        profile.bindings.mqtt?.native
          ? { kind: 'native', name, profile: id, serial: serialOf(name) }
          : { kind: 'mapped', name, profile: id, topicName: name },
    ),
    ...cameras.map(
      ({ name, id }): PlannedPart => ({
        kind: 'camera',
        name,
        profile: id,
        serial: serialOf(name),
      }),
    ),
  ];
};

/** The same device whatever else the hall has: profiles come and go. */
const serialOf = (name: string): string => `SIM-${name.toUpperCase()}`;

/** Every device of a plan by its name. */
export const plannedDevices = (parts: readonly PlannedPart[]): PlannedDevice[] =>
  parts.flatMap((part): PlannedDevice[] => {
    if ('slaves' in part) return part.slaves.map(({ name, profile }) => ({ name, profile, kind: part.kind }));
    if ('devices' in part) return part.devices.map(({ name }) => ({ name, profile: part.profile, kind: part.kind }));
    return [{ name: part.name, profile: part.profile, kind: part.kind }];
  });

const namedOnes = (profiles: ReadonlyMap<string, Profile>, { count, atLeast = 0 }: PlanOptions): One[] => {
  const sorted = [...profiles]
    // A camera that its profile cannot be told by is for a person to assign: a hall that comes up by itself has none.
    .filter(([, profile]) => count !== undefined || !isOnlyCamera(profile) || profile.match.onvif.length > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const counts = new Map(
    sorted.map(([id, profile]) => [
      id,
      count ?? Math.max(usualCount[profile.class] ?? 1, addressOf(profile) ? devicesOfMultiDrop : 1),
    ]),
  );
  const total = () => [...counts.values()].reduce((sum, one) => sum + one, 0);
  const growing = sorted.filter(([, profile]) => more.has(profile.class) && !profile.bindings.serial);
  while (total() < atLeast && growing.length > 0) {
    for (const [id] of growing) if (total() < atLeast) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const used = new Set<string>();
  return sorted.flatMap(([id, profile]) =>
    Array.from({ length: counts.get(id) ?? 1 }, (_, at) => ({ name: freeName(used, profile, at), id, profile })),
  );
};

const isOnlyCamera = ({ bindings }: Profile): boolean =>
  bindings.onvif !== undefined && Object.keys(bindings).length === 1;

/** `sdm630`, `sdm630-2`; with the vendor before it where two vendors have a model of one name. */
const freeName = (used: Set<string>, { vendor, model }: Profile, at: number): string => {
  const numbered = (base: string) => (at === 0 ? base : `${base}-${at + 1}`).replace(/^(\d)/, 'm$1').slice(0, 31);
  const plain = numbered(model);
  const name = used.has(plain) ? numbered(`${vendor}-${model}`) : plain;
  used.add(name);
  return name;
};

const usualLine: LineSettings = { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1, flowControl: 'none' };

/** On a serial line, where the device has one. */
const lineOf = ({ bindings }: Profile): LineSettings | undefined => {
  const { modbus } = bindings;
  if (!modbus?.transports.includes('rtu')) return undefined;
  return modbus.line ?? (modbus.transports.includes('tcp') ? undefined : usualLine);
};

const gateways = (ones: readonly One[], profiles: readonly Profile[]): PlannedPart[] =>
  slices(ones, slavesOfGateway).map((slaves, at) => ({
    kind: 'gateway',
    name: `gateway-${at + 1}`,
    slaves: slaves.map(({ name, id, profile }, index) => ({
      name,
      profile: id,
      unitId: index + 1,
      pinned: !isRecognised(profile, profiles),
    })),
  }));

/** Slaves with equal line settings share a line. */
const rtuLines = (ones: readonly One[]): PlannedPart[] => {
  const byLine = new Map<string, One[]>();
  for (const one of ones) {
    const key = JSON.stringify(lineOf(one.profile));
    byLine.set(key, [...(byLine.get(key) ?? []), one]);
  }
  const lines = [...byLine.values()].flatMap((group) => slices(group, slavesOfLine));
  return lines.map((slaves, at) => ({
    kind: 'rtu',
    name: `rs485-${at + 1}`,
    line: (slaves[0] && lineOf(slaves[0].profile)) ?? usualLine,
    slaves: slaves.map(({ name, id }, index) => ({ name, profile: id, unitId: index + 1, pinned: true })),
  }));
};

/** The parameter that tells several devices on one line apart, where the profile has one. */
const addressOf = ({ bindings }: Profile): { id: string; from: number; to: number } | undefined => {
  const found = Object.entries(bindings.serial?.params ?? {}).find(
    ([, param]) => typeof param.default === 'number' && param.range,
  );
  const [from, to] = found?.[1].range ?? [0, 0];
  return found ? { id: found[0], from, to } : undefined;
};

const serialLines = (ones: readonly One[]): PlannedPart[] => {
  const parts: PlannedPart[] = [];
  const byProfile = new Map<string, One[]>();
  for (const one of ones) byProfile.set(one.id, [...(byProfile.get(one.id) ?? []), one]);
  for (const [profile, same] of byProfile) {
    const address = same[0] && addressOf(same[0].profile);
    const groups = address ? slices(same, devicesOfMultiDrop) : same.map((one) => [one]);
    for (const group of groups) {
      const devices = group.map(({ name }, at) => ({
        name,
        params:
          address && group.length > 1 ? { [address.id]: Math.min(address.to, Math.max(1, address.from) + at) } : {},
      }));
      parts.push({ kind: 'serial', name: group[0]?.name ?? profile, profile, devices });
    }
  }
  return parts;
};

const slices = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));

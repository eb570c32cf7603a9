import { compileDerived, type DerivedPlan } from '@hallhub/shared/profile';
import type { Property } from '@hallhub/shared/thing';
import type { LoadedProfile } from '../ports/index.js';

/** A profile as the intake needs it: looked up by id, derived values compiled. */
export interface DeviceModel {
  readonly properties: ReadonlyMap<string, Property>;
  readonly derived: DerivedPlan | undefined;
  /** Ids of what never leaves the unit. */
  readonly internal: ReadonlySet<string>;
  /** What is about a person. */
  readonly personal: readonly Property[];
  /** Of the properties that have one, by id. */
  readonly deadBands: ReadonlyMap<string, number>;
  /** Ids whose change makes an event when the device is polled. */
  readonly watched: ReadonlySet<string>;
}

/** By document: made once for all devices of a model, and gone with the profile when it is replaced. */
const models = new WeakMap<object, DeviceModel>();

export const modelOf = (profile: LoadedProfile): DeviceModel => {
  const { document } = profile;
  const known = models.get(document);
  if (known) return known;
  const { properties } = document.thing;
  const model: DeviceModel = {
    properties: new Map(properties.map((property) => [property.id, property])),
    derived: compileDerived(document),
    internal: new Set(properties.filter(({ role }) => role === 'internal').map(({ id }) => id)),
    personal: properties.filter(({ personal }) => personal),
    deadBands: new Map(properties.flatMap(({ id, deadBand }) => (deadBand ? [[id, deadBand]] : []))),
    watched: new Set(Object.values(document.bindings.modbus?.events ?? {}).map(({ property }) => property)),
  };
  models.set(document, model);
  return model;
};

/** Values without those that never leave the unit. */
export const withoutInternal = <T>(profile: LoadedProfile | undefined, values: Readonly<Record<string, T>>) => {
  const internal = profile && modelOf(profile).internal;
  if (!internal?.size) return values;
  return Object.fromEntries(Object.entries(values).filter(([id]) => !internal.has(id)));
};

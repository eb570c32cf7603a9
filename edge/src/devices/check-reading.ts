import { checkValue, type Property, type ValueError } from '@hallhub/shared/thing';
import type { Value } from '@hallhub/shared/wire';
import type { LastValue, Reading } from '../ports/index.js';
import type { DeviceModel } from './device-model.js';

/** Whatever a device without a thing model makes up is kept for ever; one that makes up names must find an end. */
const maxUnmodelledProperties = 256;

export interface CheckedReading {
  /** The reading's own where everything fits: not to be changed. */
  readonly values: Readonly<Record<string, Value>>;
  /** Good is not said. */
  readonly quality: Readonly<Record<string, 'uncertain' | 'bad'>>;
  /** Why values were left out or are bad; texts that may leave the unit. */
  readonly reasons: readonly string[];
  /** Derived values that did not fit their property, by id. */
  readonly misfits: ReadonlyMap<string, string>;
}

/** Values that do not fit are left out; one out of its range is kept and said to be bad. What is derived of them is added. */
export const checkReading = (
  reading: Reading,
  model: DeviceModel | undefined,
  known: ReadonlyMap<string, LastValue>,
): CheckedReading => {
  // Nearly always all fits, and then nothing is copied.
  if (model && !model.derived && allFit(reading.values, model.properties))
    return { values: reading.values, quality: reading.quality ?? allGood, reasons: [], misfits: none };
  const values: Record<string, Value> = {};
  const quality: Record<string, 'uncertain' | 'bad'> = { ...reading.quality };
  const reasons: string[] = [];
  let room = maxUnmodelledProperties - known.size;
  for (const [id, value] of Object.entries(reading.values)) {
    const property = model?.properties.get(id);
    if (model && !property) {
      reasons.push(`there is no property ${id}`);
      continue;
    }
    if (!model && !known.has(id) && --room < 0) {
      reasons.push(`a device without a profile has ${maxUnmodelledProperties} properties at most, and not ${id}`);
      continue;
    }
    const checked = value === null || !property ? undefined : checkValue(property, value);
    if (checked && !checked.ok) {
      reasons.push(reasonOf(checked.errors, property ? [property] : []));
      if (checked.errors.some(({ code }) => code !== 'range') || typeof value !== 'number') continue;
      quality[id] = 'bad';
    }
    values[id] = value;
  }
  const misfits = model?.derived ? derive(model, { values, quality }, known) : none;
  return { values, quality, reasons, misfits };
};

const allGood: Readonly<Record<string, never>> = {};

const allFit = (values: Readonly<Record<string, Value>>, properties: ReadonlyMap<string, Property>): boolean => {
  for (const id in values) {
    const property = properties.get(id);
    if (!property || !fits(property, values[id] as Value)) return false;
  }
  return true;
};

/** As `checkValue` has it, without an object for each value. */
const fits = (property: Property, value: Value): boolean => {
  if (value === null) return true;
  const { type, range } = property;
  if (type === 'boolean') return typeof value === 'boolean';
  if (type !== 'number' && type !== 'integer') return checkValue(property, value).ok;
  if (!(type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value))) return false;
  return !range || ((value as number) >= range[0] && (value as number) <= range[1]);
};

const none: ReadonlyMap<string, string> = new Map();

/** Adds what follows from the values; a derived value is as good as the worst it is made of. */
const derive = (
  { derived, properties }: DeviceModel,
  { values, quality }: { values: Record<string, Value>; quality: Record<string, 'uncertain' | 'bad'> },
  known: ReadonlyMap<string, LastValue>,
): ReadonlyMap<string, string> => {
  if (!derived) return none;
  const given = Object.fromEntries(Object.entries(values).map(([id, value]) => [id, value ?? undefined]));
  const result = derived.derive(given as never, (id) => (known.get(id)?.value ?? undefined) as never);
  const qualityOf = (id: string) => (Object.hasOwn(values, id) ? quality[id] : known.get(id)?.quality);
  for (const { id, inputs } of derived.order) {
    const value = result.values[id];
    if (value === undefined) continue;
    const worst = inputs.map(qualityOf);
    values[id] = value;
    if (worst.includes('bad')) quality[id] = 'bad';
    else if (worst.includes('uncertain')) quality[id] = 'uncertain';
  }
  if (result.problems.length === 0) return none;
  const told = ({ path, message }: { path: string; message: string }): [string, string] => [
    path,
    properties.get(path)?.personal ? `${path} does not fit` : message,
  ];
  return new Map(result.problems.map(told));
};

/** It goes to the cloud as well: what is about a person is not quoted in it. */
export const reasonOf = (
  errors: readonly ValueError[],
  fields: readonly { readonly id: string; readonly personal?: boolean | undefined }[],
): string => {
  const personal = new Set(fields.filter((field) => field.personal).map(({ id }) => id));
  const told = ({ path, code, message, expected }: ValueError) =>
    personal.has(path) ? `${path} does not fit: ${code}, expected ${expected}` : message;
  return errors.map(told).join('; ');
};

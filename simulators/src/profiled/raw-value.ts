import type { Transform } from '@hallhub/shared/profile';
import type { ThingValue, ValueShape } from '@hallhub/shared/thing';

/** What stands on the wire for a value. */
export type RawValue = number | bigint | boolean | string;

/** Twelve digits: 2304 * 0.1 is 230.4. */
export const tidy = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(12)) : value);

/**
 * The raw value for a value of the model, as a device makes it: turned round from the profile's transform.
 * Undefined: the wire has no way to say this value.
 */
export const rawOf = (value: ThingValue, { map, scale, offset }: Transform): RawValue | undefined => {
  if (map) {
    const key = Object.keys(map).find((one) => map[one] === value);
    if (key === undefined) return undefined;
    return key.trim() !== '' && String(Number(key)) === key ? Number(key) : key;
  }
  if (scale === undefined && offset === undefined) return value;
  return typeof value === 'number' ? tidy((value - (offset ?? 0)) / (scale ?? 1)) : undefined;
};

/** A value of the model for what was written on the wire. Undefined: it means nothing to this device. */
export const valueFrom = (
  raw: RawValue,
  { map, scale, offset }: Transform,
  shape: Pick<ValueShape, 'type' | 'values'>,
): ThingValue | undefined => {
  const told = map ? (Object.hasOwn(map, String(raw)) ? map[String(raw)] : undefined) : raw;
  if (told === undefined) return undefined;
  switch (shape.type) {
    case 'boolean':
      if (typeof told === 'boolean') return told;
      return ['1', 'true'].includes(String(told)) ? true : ['0', 'false'].includes(String(told)) ? false : undefined;
    case 'number':
    case 'integer': {
      const number = typeof told === 'string' && told.trim() === '' ? Number.NaN : Number(told);
      if (!Number.isFinite(number)) return undefined;
      const scaled = map ? number : tidy(number * (scale ?? 1) + (offset ?? 0));
      return shape.type === 'integer' ? Math.round(scaled) : scaled;
    }
    case 'enum':
      return shape.values?.some(({ id }) => id === String(told)) ? String(told) : undefined;
    case 'string':
      return String(told);
  }
};

/** What of a property the wire can carry: the device never has a value that it could not tell. */
export interface Carried {
  readonly candidates?: readonly ThingValue[];
  readonly least?: number;
  readonly greatest?: number;
  /** Values are `base` plus a whole number of these. */
  readonly quantum?: number;
  readonly base?: number;
  readonly maxBytes?: number;
  /** Texts of this length only, such as hex digits of a fixed field. */
  readonly exactBytes?: number;
  /** Texts that a frame's own pattern lets through. */
  readonly pattern?: string;
}

/** What a transform and a raw field let through. */
export const carriedBy = (
  transform: Transform,
  raw: { least?: number; greatest?: number; whole?: boolean; maxBytes?: number } = {},
): Carried => {
  const { map, scale = 1, offset = 0 } = transform;
  if (map) return { candidates: [...new Set(Object.values(map))] };
  const ends = [raw.least, raw.greatest].map((end) => (end === undefined ? undefined : tidy(end * scale + offset)));
  const [least, greatest] = scale < 0 ? ends.reverse() : ends;
  return {
    ...(least === undefined ? {} : { least }),
    ...(greatest === undefined ? {} : { greatest }),
    ...(raw.whole ? { quantum: Math.abs(scale), base: offset } : {}),
    ...(raw.maxBytes === undefined ? {} : { maxBytes: raw.maxBytes }),
  };
};

/** What both ways of telling a property can carry. */
export const bothCarry = (one: Carried | undefined, other: Carried): Carried => {
  if (!one) return other;
  const candidates =
    one.candidates && other.candidates
      ? one.candidates.filter((value) => other.candidates?.includes(value))
      : (one.candidates ?? other.candidates);
  const coarser = (one.quantum ?? 0) >= (other.quantum ?? 0) ? one : other;
  const maxBytes = Math.min(one.maxBytes ?? Number.POSITIVE_INFINITY, other.maxBytes ?? Number.POSITIVE_INFINITY);
  return {
    ...(candidates ? { candidates } : {}),
    least: Math.max(one.least ?? Number.NEGATIVE_INFINITY, other.least ?? Number.NEGATIVE_INFINITY),
    greatest: Math.min(one.greatest ?? Number.POSITIVE_INFINITY, other.greatest ?? Number.POSITIVE_INFINITY),
    ...(coarser.quantum === undefined ? {} : { quantum: coarser.quantum, base: coarser.base ?? 0 }),
    ...(Number.isFinite(maxBytes) ? { maxBytes } : {}),
    ...((one.exactBytes ?? other.exactBytes) === undefined ? {} : { exactBytes: one.exactBytes ?? other.exactBytes }),
    ...((one.pattern ?? other.pattern) === undefined ? {} : { pattern: one.pattern ?? other.pattern }),
  };
};

/** Either way of telling it does, such as a frame for each state. */
export const eitherCarries = (one: Carried | undefined, other: Carried): Carried => {
  if (!one?.candidates || !other.candidates) return bothCarry(one, other);
  return { ...one, candidates: [...new Set([...one.candidates, ...other.candidates])] };
};

import { HubError } from '../../errors/index.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';
import type { Transform } from '../transform-schema.js';

export type RawValue = number | bigint | boolean | string;

/**
 * A raw value as a value of the model, or undefined where the device says "no value".
 * Throws `protocol_violation` where the raw value is not in the map or does not fit the type.
 */
export function applyTransform(raw: RawValue, transform: Transform, shape: ValueShape): ThingValue | undefined {
  if (transform.missing?.some((missing) => String(missing) === String(raw))) return undefined;
  if (transform.map) {
    const key = String(raw);
    const mapped = Object.hasOwn(transform.map, key) ? transform.map[key] : undefined;
    if (mapped === undefined) {
      throw new HubError('protocol_violation', `${shape.id} has the raw value ${key}, which no map entry names`, {
        context: { property: shape.id, raw: key },
      });
    }
    return coerce(mapped, shape);
  }
  if (transform.scale === undefined && transform.offset === undefined) return coerce(raw, shape);
  const number = toNumber(raw, shape);
  return coerce(tidy(number * (transform.scale ?? 1) + (transform.offset ?? 0)), shape);
}

/** The raw value that `applyTransform` would make this value of. Throws `invalid_input`. */
export function undoTransform(value: ThingValue, transform: Transform): RawValue {
  if (transform.map) {
    const entry = Object.entries(transform.map).find(([, mapped]) => mapped === value);
    if (!entry) throw new HubError('invalid_input', `no raw value stands for ${String(value)}`, { context: { value } });
    const number = Number(entry[0]);
    return entry[0].trim() !== '' && String(number) === entry[0] ? number : entry[0];
  }
  if (transform.scale === undefined && transform.offset === undefined) return value;
  if (typeof value !== 'number') {
    throw new HubError('invalid_input', `${String(value)} is not a number and cannot be scaled`, {
      context: { value },
    });
  }
  return tidy((value - (transform.offset ?? 0)) / (transform.scale ?? 1));
}

/** 2304 * 0.1 is 230.4, not 230.40000000000003: twelve digits are more than any device measures. */
function tidy(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : value;
}

function coerce(raw: RawValue, shape: ValueShape): ThingValue {
  switch (shape.type) {
    case 'boolean':
      if (typeof raw === 'boolean') return raw;
      if (['0', 'false'].includes(String(raw))) return false;
      if (['1', 'true'].includes(String(raw))) return true;
      throw notA('boolean', raw, shape);
    case 'number':
      return toNumber(raw, shape);
    case 'integer': {
      const number = toNumber(raw, shape);
      const whole = Math.round(number);
      if (!Number.isSafeInteger(whole) || Math.abs(number - whole) > 1e-9) throw notA('integer', raw, shape);
      return whole;
    }
    default:
      return String(raw);
  }
}

function toNumber(raw: RawValue, shape: ValueShape): number {
  const number = typeof raw === 'string' && raw.trim() === '' ? Number.NaN : Number(raw);
  if (!Number.isFinite(number)) throw notA('number', raw, shape);
  return number;
}

function notA(type: string, raw: RawValue, shape: ValueShape): HubError {
  return new HubError(
    'protocol_violation',
    `${shape.id} has the raw value ${String(raw).slice(0, 60)}, which is no ${type}`,
    {
      context: { property: shape.id },
    },
  );
}

import type { CommandModel, EventModel, Field, Property } from './thing-model.js';
import type { ThingValue, ValueShape } from './value-shape.js';

/** Why a value does not fit: closed list, so that every reader can translate it. */
export type ValueErrorCode =
  | 'type'
  | 'range'
  | 'step'
  | 'enum'
  | 'length'
  | 'pattern'
  | 'required'
  | 'unknown'
  | 'readOnly';

export interface ValueError {
  /** Dotted path: the property's id, or the field's within `input`/`fields`. Empty: the whole. */
  path: string;
  code: ValueErrorCode;
  /** A plain English sentence. */
  message: string;
  /** What was allowed, for translated messages: `0..100`, `on|off`, `integer`. */
  expected: string;
}

export type Checked<T> = { ok: true; value: T } | { ok: false; errors: ValueError[] };

/** Checks a reported value: type, range, enum, length. Readings need not sit on a step. */
export function checkValue(property: Property, value: unknown): Checked<ThingValue> {
  return toChecked(checkShape(property, value, property.id));
}

/** Checks a value that shall be written: access, and the step as well. */
export function checkWrite(property: Property, value: unknown): Checked<ThingValue> {
  if (property.access === 'r') {
    return fail({ path: property.id, code: 'readOnly', message: `${property.id} is read-only`, expected: 'rw' });
  }
  const checked = checkValue(property, value);
  if (!checked.ok) return checked;
  const error = checkStep(property, checked.value, property.id);
  return error ? fail(error) : checked;
}

/** Checks a command's input and fills in defaults. Unknown fields are errors. */
export function checkInput(command: CommandModel, input: unknown): Checked<Record<string, ThingValue>> {
  return checkFields(command.input, input, true);
}

/** Checks what a command gave back. */
export function checkOutput(command: CommandModel, output: unknown): Checked<Record<string, ThingValue>> {
  return checkFields(command.output, output, false);
}

/** Checks an event's fields. */
export function checkEvent(event: EventModel, fields: unknown): Checked<Record<string, ThingValue>> {
  return checkFields(event.fields, fields, false);
}

function checkFields(fields: readonly Field[], given: unknown, settable: boolean): Checked<Record<string, ThingValue>> {
  const input = given ?? {};
  if (typeof input !== 'object' || Array.isArray(input)) {
    return fail({ path: '', code: 'type', message: 'an object of fields is expected', expected: 'object' });
  }
  const errors: ValueError[] = [];
  const value: Record<string, ThingValue> = {};
  const known = new Set(fields.map((field) => field.id));
  for (const key of Object.keys(input)) {
    if (!known.has(key))
      errors.push({ path: key, code: 'unknown', message: `there is no field ${key}`, expected: [...known].join('|') });
  }
  for (const field of fields) {
    const own = Object.hasOwn(input, field.id) ? (input as Record<string, unknown>)[field.id] : undefined;
    const raw = own ?? field.default;
    if (raw === undefined || raw === null) {
      if (!field.optional)
        errors.push({ path: field.id, code: 'required', message: `${field.id} is missing`, expected: field.type });
      continue;
    }
    const result = checkShape(field, raw, field.id);
    const stepError = settable && !('code' in result) ? checkStep(field, result.value, field.id) : undefined;
    if ('code' in result) errors.push(result);
    else if (stepError) errors.push(stepError);
    else value[field.id] = result.value;
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value };
}

function checkShape(shape: ValueShape, value: unknown, path: string): { value: ThingValue } | ValueError {
  switch (shape.type) {
    case 'boolean':
      return typeof value === 'boolean' ? { value } : wrongType(path, 'boolean', value);
    case 'number':
    case 'integer':
      return checkNumber(shape, value, path);
    case 'enum': {
      if (typeof value !== 'string') return wrongType(path, 'enum', value);
      if (shape.values?.some((one) => one.id === value)) return { value };
      const expected = (shape.values ?? []).map((one) => one.id).join('|');
      return { path, code: 'enum', message: `${path} is ${quote(value)}, not one of ${expected}`, expected };
    }
    case 'string':
      return checkString(shape, value, path);
  }
}

function checkNumber(shape: ValueShape, value: unknown, path: string): { value: number } | ValueError {
  if (typeof value !== 'number' || !Number.isFinite(value)) return wrongType(path, shape.type, value);
  if (shape.type === 'integer' && !Number.isSafeInteger(value)) return wrongType(path, 'integer', value);
  if (shape.range && (value < shape.range[0] || value > shape.range[1])) {
    const expected = `${shape.range[0]}..${shape.range[1]}`;
    return { path, code: 'range', message: `${path} is ${value}, outside ${expected}`, expected };
  }
  return { value };
}

function checkString(shape: ValueShape, value: unknown, path: string): { value: string } | ValueError {
  if (typeof value !== 'string') return wrongType(path, 'string', value);
  const most = shape.maxLength ?? 1024;
  if ([...value].length > most) {
    return { path, code: 'length', message: `${path} has more than ${most} characters`, expected: `${most}` };
  }
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, 'u').test(value)) {
    return { path, code: 'pattern', message: `${path} does not match ${shape.pattern}`, expected: shape.pattern };
  }
  return { value };
}

function checkStep(shape: ValueShape, value: ThingValue, path: string): ValueError | undefined {
  if (shape.step === undefined || typeof value !== 'number') return undefined;
  const steps = (value - (shape.range?.[0] ?? 0)) / shape.step;
  // 0.3 / 0.1 is not 3 in floating point: a millionth of a step is forgiven.
  if (Math.abs(steps - Math.round(steps)) <= 1e-6) return undefined;
  return {
    path,
    code: 'step',
    message: `${path} is ${value}, not on a step of ${shape.step}`,
    expected: `${shape.step}`,
  };
}

function wrongType(path: string, expected: string, value: unknown): ValueError {
  return { path, code: 'type', message: `${path} is ${quote(value)}, not a value of type ${expected}`, expected };
}

function quote(value: unknown): string {
  const text =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? 'an object' : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function fail(error: ValueError): { ok: false; errors: ValueError[] } {
  return { ok: false, errors: [error] };
}

function toChecked(result: { value: ThingValue } | ValueError): Checked<ThingValue> {
  return 'code' in result ? fail(result) : { ok: true, value: result.value };
}

import type { ThingValue, ValueShape } from '@hallhub/shared/thing';
import type { Carried } from './raw-value.js';
import { tidy } from './raw-value.js';
import { textFromPattern } from './text-from-pattern.js';

const clamp = (value: number, least: number, greatest: number): number => Math.min(greatest, Math.max(least, value));

/** The numbers that a shape and its wire allow. */
export const boundsOf = (
  shape: Pick<ValueShape, 'range'>,
  carried: Carried = {},
): [least: number, greatest: number] => [
  Math.max(shape.range?.[0] ?? Number.NEGATIVE_INFINITY, carried.least ?? Number.NEGATIVE_INFINITY),
  Math.min(shape.range?.[1] ?? Number.POSITIVE_INFINITY, carried.greatest ?? Number.POSITIVE_INFINITY),
];

/** The nearest number that the model allows and the wire can say. */
export const fitNumber = (shape: ValueShape, value: number, carried: Carried = {}): number => {
  const [least, greatest] = boundsOf(shape, carried);
  const { quantum = 0, base = 0 } = carried;
  let fitted = clamp(value, least, greatest);
  if (shape.decimals !== undefined) fitted = Number(fitted.toFixed(shape.decimals));
  // Six digits survive a 32-bit float.
  else if (quantum === 0) fitted = Number(fitted.toPrecision(6));
  if (quantum > 0) {
    const steps = (fitted - base) / quantum;
    fitted = base + Math.round(steps) * quantum;
    if (fitted > greatest) fitted = base + Math.floor(steps) * quantum;
    if (fitted < least) fitted = base + Math.ceil(steps) * quantum;
  }
  if (shape.type === 'integer') fitted = clamp(Math.round(fitted), Math.ceil(least), Math.floor(greatest));
  return tidy(fitted);
};

/** The values that are not numbers or texts: of a boolean, an enum, or a map. */
export const candidatesOf = (shape: ValueShape, carried: Carried = {}): readonly ThingValue[] => {
  const own: readonly ThingValue[] | undefined =
    shape.type === 'boolean'
      ? [false, true]
      : shape.type === 'enum'
        ? (shape.values ?? []).map(({ id }) => id)
        : undefined;
  const { candidates } = carried;
  return own && candidates ? own.filter((value) => candidates.includes(value)) : (own ?? candidates ?? []);
};

const texts: readonly (readonly [RegExp, string])[] = [
  [/serial|number|code|id$/i, '20260001'],
  [/firmware|version|software|hardware/i, '1.4.2'],
  [/model|product|type/i, 'M1'],
  [/vendor|manufacturer|brand|maker/i, 'Acme'],
  [/mac/i, '02:00:5E:10:00:01'],
  [/ip|address|host/i, '192.0.2.10'],
  [/time|date/i, '2026-01-05'],
  [/ticket/i, 'A007'],
];

/** A text of the shape: by its pattern, by its name, never longer than the model and the wire allow. */
export const inventText = (shape: ValueShape, carried: Carried = {}, random: () => number = Math.random): string => {
  const most = Math.min(shape.maxLength ?? 1024, carried.maxBytes ?? 1024);
  const fits = (text: string) =>
    text.length <= most &&
    (carried.exactBytes ?? text.length) === text.length &&
    [shape.pattern, carried.pattern].every((one) => one === undefined || new RegExp(`^(?:${one})$`, 'u').test(text));
  for (const pattern of [carried.pattern, shape.pattern]) {
    for (let tries = 0; pattern !== undefined && tries < 10; tries++) {
      const text = textFromPattern(pattern, { random });
      if (text !== undefined && fits(text)) return text;
    }
  }
  const known = texts.find(([name]) => name.test(shape.id))?.[1] ?? 'OK';
  return carried.exactBytes === undefined
    ? known.slice(0, most)
    : known.padEnd(carried.exactBytes, '0').slice(0, carried.exactBytes);
};

/** Any value of a shape, on a step where it has one: event fields, outputs, inputs of a command. */
export const inventValue = (
  shape: ValueShape,
  random: () => number = Math.random,
  carried: Carried = {},
): ThingValue => {
  const candidates = candidatesOf(shape, carried);
  if (candidates.length > 0) return candidates[Math.floor(random() * candidates.length)] as ThingValue;
  if (shape.type === 'string') return inventText(shape, carried, random);
  const [least, greatest] = boundsOf(shape, carried);
  const low = Number.isFinite(least) ? least : 0;
  const high = Number.isFinite(greatest) ? Math.max(low, Math.min(greatest, low + 100)) : low + 100;
  const any = low + random() * (high - low);
  if (shape.step === undefined) return fitNumber(shape, any, carried);
  const start = shape.range?.[0] ?? 0;
  const onStep = start + Math.floor((any - start) / shape.step) * shape.step;
  return fitNumber(shape, onStep, carried);
};

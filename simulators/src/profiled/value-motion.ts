import type { AlarmRule } from '@hallhub/shared/profile';
import type { Property, ThingValue } from '@hallhub/shared/thing';
import { boundsOf, candidatesOf, fitNumber, inventText } from './invent-value.js';
import type { Carried } from './raw-value.js';

/** What a profile says of how a value moves; without it something plausible is invented. */
export interface MotionHint {
  readonly start?: number | undefined;
  readonly swing?: number | undefined;
  readonly periodS?: number | undefined;
  readonly perHour?: number | undefined;
  readonly cycle?: readonly ThingValue[] | undefined;
  readonly everyS?: number | undefined;
  readonly fixed?: ThingValue | undefined;
}

/** The value at a time in ms since the device was switched on. Pure, so that a device at rest costs nothing. */
export type Motion = (ms: number) => ThingValue;

export interface MotionOptions {
  readonly hint?: MotionHint | undefined;
  readonly carried?: Carried | undefined;
  readonly alarms?: readonly AlarmRule[];
  /** Values that raise an event when they are taken. */
  readonly avoid?: ReadonlySet<ThingValue>;
  readonly random?: () => number;
  /** A setting stays where it was put. */
  readonly setting?: boolean;
}

/** What such things usually measure, by UCUM unit; of several the first within the range counts. */
const usual: Readonly<Record<string, readonly number[]>> = {
  V: [230, 48, 24, 12, 3.3],
  A: [8, 2, 0.5],
  W: [1800, 300, 40],
  kW: [3, 0.5],
  'V.A': [2000, 400],
  'kV.A': [3.2],
  var: [400, 60],
  kvar: [0.6],
  Hz: [50],
  Cel: [24, 5],
  '%': [48],
  lx: [420],
  'ug/m3': [28],
  'mg/m3': [0.08],
  '[ppm]': [620, 40],
  dB: [52],
  'dB[SPL]': [52],
  dBm: [-61],
  hPa: [1013],
  Pa: [101_300],
  'kW.h': [1800],
  s: [3600],
  min: [45],
};

/** A number that says which device this is; one that moved would make it another. */
const identifying = /serial|firmware|version|revision/i;

const flagged = /fault|error|alarm|fail|trip|broken|low|empty|out|leak|flood|smoke|tamper|overload|jam/i;

export const motionOf = (property: Property, options: MotionOptions = {}): Motion => {
  const { hint = {}, carried = {} } = options;
  if (hint.fixed !== undefined) return still(property, hint.fixed, carried);
  if (property.type === 'string') {
    const text = inventText(property, carried, options.random);
    return () => text;
  }
  const candidates = candidatesOf(property, carried);
  if (candidates.length > 0) return chosen(property, candidates, options);
  return number(property, options);
};

const still = (property: Property, value: ThingValue, carried: Carried): Motion => {
  const fitted = typeof value === 'number' ? fitNumber(property, value, carried) : value;
  return () => fitted;
};

/** Of an enum or a switch: what raises no alarm and no event, and moves only where moving is its nature. */
const chosen = (property: Property, candidates: readonly ThingValue[], options: MotionOptions): Motion => {
  const { hint = {}, alarms = [], avoid, random = Math.random } = options;
  if (hint.cycle && hint.cycle.length > 0) {
    const { cycle, everyS = 60 } = hint;
    return (ms) => cycle[Math.floor(ms / (everyS * 1000)) % cycle.length] as ThingValue;
  }
  const alarming = new Set(
    alarms.flatMap((alarm) =>
      alarm.kind === 'threshold' && alarm.property === property.id && alarm.equals !== undefined ? [alarm.equals] : [],
    ),
  );
  const unwanted = (value: ThingValue) => alarming.has(value) || avoid?.has(value) || flagged.test(String(value));
  const harmless = candidates.filter((value) => !unwanted(value));
  const rest = harmless[0] ?? candidates[0] ?? false;
  const calm =
    options.setting || property.access !== 'r' || property.role === 'diagnostic' || flagged.test(property.id);
  if (calm || harmless.length < 2 || property.type === 'integer' || property.type === 'number') return () => rest;
  const everyMs = 40_000 + random() * 50_000;
  const offset = random() * everyMs;
  return (ms) => {
    const turn = Math.floor((ms + offset) / everyMs);
    return (turn % 3 === 2 ? harmless[1 + (Math.floor(turn / 3) % (harmless.length - 1))] : rest) as ThingValue;
  };
};

const number = (property: Property, options: MotionOptions): Motion => {
  const { hint = {}, carried = {}, random = Math.random } = options;
  const [least, greatest] = boundsOf(property, carried);
  if (property.cumulative || hint.perHour !== undefined) return growing(property, [least, greatest], options);
  const [low, high] = normalBand(property, [least, greatest], options.alarms ?? []);
  const centre = hint.start ?? startOf(property, low, high);
  const constant = options.setting || property.access !== 'r' || identifying.test(property.id);
  if (constant && (options.setting || hint.swing === undefined)) {
    const stays = fitNumber(property, property.step ? onStep(property, centre) : centre, carried);
    return () => stays;
  }
  const finest = Math.max(carried.quantum ?? 0, property.type === 'integer' ? 1 : 10 ** -(property.decimals ?? 3));
  const invented = Math.max((property.deadBand ?? 0) * 2.5, Math.abs(centre) * 0.015, finest * 2);
  const swing = hint.swing ?? Math.min(invented, Math.max(finest, (high - low) / 2));
  const periodMs = (hint.periodS ?? 40 + random() * 50) * 1000;
  const phase = random() * 2 * Math.PI;
  return (ms) => {
    const turn = (ms / periodMs) * 2 * Math.PI;
    const wave = 0.8 * Math.sin(turn + phase) + 0.2 * Math.sin(turn * 3.7 + phase * 2);
    const value = centre + swing * wave;
    return fitNumber(property, hint.swing === undefined ? Math.min(high, Math.max(low, value)) : value, carried);
  };
};

/** A counter grows for ever and starts again at its end. */
const growing = (property: Property, [least, greatest]: readonly [number, number], options: MotionOptions): Motion => {
  const { hint = {}, carried = {}, random = Math.random } = options;
  // What the wire could say below zero is no reason to count from there.
  const low = property.range ? least : Math.max(0, least);
  const span = Number.isFinite(greatest) ? greatest - low : Number.POSITIVE_INFINITY;
  const start = hint.start ?? low + Math.min(span * 0.2, 1200 * (0.5 + random()));
  const finest = Math.max(carried.quantum ?? 0, property.deadBand ?? 0, property.type === 'integer' ? 1 : 0);
  const perUnit: Record<string, number> = { s: 3600, min: 60, h: 1, 'kW.h': 6, 'W.h': 6000, 'kvar.h': 2 };
  const perHour = hint.perHour ?? Math.max(perUnit[property.unit ?? ''] ?? 90, finest * 120);
  return (ms) => {
    const grown = start - low + (perHour * ms) / 3_600_000;
    const within = span > 0 && Number.isFinite(span) ? grown % span : grown;
    return fitNumber(property, low + within, carried);
  };
};

/** Within the range and away from every limit that would raise an alarm. */
const normalBand = (
  property: Property,
  [least, greatest]: readonly [number, number],
  alarms: readonly AlarmRule[],
): [low: number, high: number] => {
  let low = Number.isFinite(least) ? least : -1_000_000;
  let high = Number.isFinite(greatest) ? greatest : 1_000_000;
  for (const alarm of alarms) {
    if (alarm.kind !== 'threshold' || alarm.property !== property.id) continue;
    if (alarm.above !== undefined) high = Math.min(high, alarm.above - alarm.hysteresis - Math.abs(alarm.above) * 0.02);
    if (alarm.below !== undefined) low = Math.max(low, alarm.below + alarm.hysteresis + Math.abs(alarm.below) * 0.02);
  }
  return low <= high ? [low, high] : [(low + high) / 2, (low + high) / 2];
};

const startOf = (property: Property, low: number, high: number): number => {
  const within = (value: number) => value >= low && value <= high;
  const [least, greatest] = property.range ?? [low, high];
  if (/battery|charge|soc|toner|paper/i.test(property.id) && property.unit === '%') return high - (high - low) * 0.08;
  if (/factor/i.test(property.id) && within(0.94)) return 0.94;
  const known = usual[property.unit ?? '']?.find(
    (value) => within(value) && value <= Math.max(greatest, 1) && value >= least && value < greatest,
  );
  if (known !== undefined) return known;
  const span = high - low;
  if (span > 10_000 && low <= 0)
    return Math.max(low, Math.min(high, property.unit === '1' || !property.unit ? 12 : 100));
  return low + span * 0.4;
};

const onStep = ({ range, step = 1 }: Property, value: number): number => {
  const start = range?.[0] ?? 0;
  return start + Math.round((value - start) / step) * step;
};

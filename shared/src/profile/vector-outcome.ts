import { checkEvent, checkValue, type ValueError } from '../thing/check-value.js';
import { bytesToHex, hexToBytes } from './codec/bytes.js';
import type { Decoded } from './codec/decoded.js';
import type { ModbusWrite } from './codec/modbus-plan.js';
import type { Profile } from './profile-schema.js';

/** Two sides of a vector in the same form; equal canonical JSON means that it passes. */
export interface Outcome {
  expected: unknown;
  actual: unknown;
}

type Expectation = {
  values: Record<string, unknown>;
  events: { event: string; data: Record<string, unknown> }[];
  problems: string[];
};

export function compare(
  expected: Expectation,
  decoded: Decoded,
  profile: Profile,
  extra: Record<string, [unknown, unknown]> = {},
): Outcome {
  const problems = [...decoded.problems.map(({ path }) => path), ...modelProblems(decoded, profile)];
  const pick = (side: 0 | 1) => Object.fromEntries(Object.entries(extra).map(([key, pair]) => [key, pair[side]]));
  return {
    expected: { values: expected.values, events: expected.events, problems: [...expected.problems].sort(), ...pick(0) },
    actual: { values: decoded.values, events: decoded.events, problems: problems.sort(), ...pick(1) },
  };
}

/** Paths of values that do not fit the thing model. */
export function modelProblems(decoded: Pick<Decoded, 'values' | 'events'>, profile: Profile): string[] {
  const paths: string[] = [];
  const add = (errors: readonly ValueError[], prefix: string) =>
    paths.push(...errors.map(({ path }) => `${prefix}${path}`));
  for (const [id, value] of Object.entries(decoded.values)) {
    const property = profile.thing.properties.find((one) => one.id === id);
    if (!property) paths.push(id);
    else {
      const checked = checkValue(property, value);
      if (!checked.ok) add(checked.errors, '');
    }
  }
  for (const { event, data } of decoded.events) {
    const model = profile.thing.events.find((one) => one.id === event);
    if (!model) paths.push(event);
    else {
      const checked = checkEvent(model, data);
      if (!checked.ok) add(checked.errors, `${event}.`);
    }
  }
  return [...new Set(paths)];
}

export function showWrite(write: ModbusWrite) {
  const hex = (words: readonly number[], digits: number) =>
    words.map((word) => word.toString(16).padStart(digits, '0').toUpperCase()).join('');
  return {
    fc: write.fc,
    address: write.address,
    hex: hex(write.values, write.fc === 5 || write.fc === 15 ? 2 : 4),
    ...(write.mask ? { andMask: hex([write.mask.andMask], 4), orMask: hex([write.mask.orMask], 4) } : {}),
    ...(write.read ? { read: write.read } : {}),
    ...(write.broadcast ? { broadcast: true } : {}),
  };
}

export function same(
  expected: readonly { hex: string; andMask?: string | undefined; orMask?: string | undefined }[],
  actual: unknown[],
): Outcome {
  const plain = (hex: string) => bytesToHex(hexToBytes(hex), '');
  return {
    expected: expected.map((one) => ({
      ...one,
      hex: plain(one.hex),
      ...(one.andMask === undefined ? {} : { andMask: plain(one.andMask) }),
      ...(one.orMask === undefined ? {} : { orMask: plain(one.orMask) }),
    })),
    actual,
  };
}

/** What a vector says of a message's payload: bytes in hex, text, or anything else as JSON. */
export function sentPayload({ payload, hex }: { payload?: unknown; hex?: string | undefined }): string | Uint8Array {
  if (hex !== undefined) return hexToBytes(hex);
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

export function shownPayload(payload: string | Uint8Array): { payload: string } | { hex: string } {
  return typeof payload === 'string' ? { payload } : { hex: bytesToHex(payload) };
}

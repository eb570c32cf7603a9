import { isHubError } from '@hallhub/shared';
import { decodePoint, type RegisterOrders } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { Point } from './point.js';

/** What a read gave: values by property id; what cannot be read is null with quality bad. */
export interface DecodedBlock {
  readonly words: Uint16Array;
  readonly values: Readonly<Record<string, Value>>;
  readonly quality: Readonly<Record<string, 'bad'>> | undefined;
}

interface ReadPoints {
  readonly address: number;
  readonly points: readonly Point[];
}

/**
 * Words to values. Most registers hold what they held before: given the block as it was `before`, only points whose words
 * changed are decoded, and a block that did not change at all comes back as it is.
 */
export const decodeBlock = (
  { address, points }: ReadPoints,
  words: Uint16Array,
  orders: RegisterOrders,
  before?: DecodedBlock,
): DecodedBlock => {
  if (before && isSame(words, before.words, 0, words.length)) return before;
  // A copy keeps its shape: writing over it is cheaper than adding each property anew.
  const values: Record<string, Value> = { ...(before?.values ?? shapeOf(points)) };
  let quality: Record<string, 'bad'> | undefined;
  for (const { property, spec, address: at, count } of points) {
    const { id } = property;
    const from = at - address;
    if (before && isSame(words, before.words, from, from + count)) {
      if (before.quality?.[id]) quality = { ...quality, [id]: 'bad' };
      continue;
    }
    try {
      values[id] = decodePoint(spec, words, property, orders, from) ?? null;
    } catch (error) {
      if (!isHubError(error, 'protocol_violation')) throw error;
      values[id] = null;
      quality = { ...quality, [id]: 'bad' };
    }
  }
  return { words, values, quality };
};

const shapes = new WeakMap<readonly Point[], Readonly<Record<string, Value>>>();

/**
 * All properties at once, as a parsed text has them: an object that gets dozens one after the other becomes a hash table, ten
 * times as slow to copy and to walk.
 */
const shapeOf = (points: readonly Point[]): Readonly<Record<string, Value>> => {
  const known = shapes.get(points);
  if (known) return known;
  const shape = JSON.parse(JSON.stringify(Object.fromEntries(points.map(({ property }) => [property.id, null]))));
  shapes.set(points, shape);
  return shape;
};

const isSame = (a: Uint16Array, b: Uint16Array, from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
};

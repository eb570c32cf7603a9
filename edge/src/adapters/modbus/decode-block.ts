import { isHubError } from '@hallhub/shared';
import { decodePoint, type RegisterOrders } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import { isBitTable } from './block-planner.js';
import type { ReadResult } from './modbus-client.js';
import { type Point, wordsOf } from './point.js';

/** What a read gave: values by property id; what cannot be read is null with quality bad. */
export interface DecodedBlock {
  readonly words: readonly (number | boolean)[];
  readonly values: Readonly<Record<string, Value>>;
  readonly quality: Readonly<Record<string, 'bad'>> | undefined;
}

interface ReadPoints {
  readonly table: Point['table'];
  readonly address: number;
  readonly points: readonly Point[];
}

/**
 * Words to values. Most registers hold what they held before: given the block as it was `before`, only points whose words
 * changed are decoded, and a block that did not change at all comes back as it is.
 */
export const decodeBlock = (
  { table, address, points }: ReadPoints,
  result: ReadResult,
  orders: RegisterOrders,
  before?: DecodedBlock,
): DecodedBlock => {
  const words = isBitTable(table) ? result.bits : result.registers;
  if (before && isSame(words, before.words, 0, words.length)) return before;
  // A copy keeps its shape: writing over it is cheaper than adding each property anew.
  const values: Record<string, Value> = { ...before?.values };
  let quality: Record<string, 'bad'> | undefined;
  for (const point of points) {
    const { id } = point.property;
    const from = point.address - address;
    if (before && isSame(words, before.words, from, from + point.count)) {
      if (before.quality?.[id]) quality = { ...quality, [id]: 'bad' };
      continue;
    }
    try {
      values[id] = decodePoint(point.spec, wordsOf(point, address, result), point.property, orders) ?? null;
    } catch (error) {
      if (!isHubError(error, 'protocol_violation')) throw error;
      values[id] = null;
      quality = { ...quality, [id]: 'bad' };
    }
  }
  return { words, values, quality };
};

const isSame = <T>(a: readonly T[], b: readonly T[], from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false;
  return true;
};

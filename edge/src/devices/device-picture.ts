import type { Value } from '@hallhub/shared/wire';
import { z } from 'zod';
import type { LastValue } from '../ports/index.js';

const pictureSchema = z.array(
  z.object({
    at: z.number(),
    quality: z.enum(['good', 'uncertain', 'bad']),
    values: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  }),
);

/** Last values of one device as they lie on disk: those of one time and quality together, as a poll brings them. */
export const encodePicture = (values: ReadonlyMap<string, LastValue>): string => {
  const groups = new Map<string, { at: number; quality: LastValue['quality']; values: Record<string, Value> }>();
  for (const [property, { value, at, quality }] of values) {
    const key = `${at} ${quality}`;
    let group = groups.get(key);
    if (!group) {
      group = { at, quality, values: {} };
      groups.set(key, group);
    }
    group.values[property] = value;
  }
  return JSON.stringify([...groups.values()]);
};

/** Empty where the text is not one that `encodePicture` made: values come again, a start that fails does not help. */
export const decodePicture = (text: string): [property: string, last: LastValue][] => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const groups = pictureSchema.safeParse(json).data ?? [];
  return groups.flatMap(({ at, quality, values }) =>
    Object.entries(values).map(([property, value]): [string, LastValue] => [property, { value, at, quality }]),
  );
};

import { readFileSync } from 'node:fs';
import { z } from 'zod';

const placesSchema = z.array(z.tuple([z.int(), z.int()]));
const labelsSchema = z.object({
  v: z.literal(1),
  how: z.string(),
  pictures: z
    .array(z.object({ picture: z.int().min(0), clear: placesSchema, partly: placesSchema, far: placesSchema }))
    .min(1),
});
export type StreetLabels = z.infer<typeof labelsSchema>;

/** Who is in the street footage, as counted by eye; places in pixels of the footage. */
export const readStreetLabels = (): StreetLabels =>
  labelsSchema.parse(JSON.parse(readFileSync(new URL('./labels/street-people.json', import.meta.url), 'utf8')));

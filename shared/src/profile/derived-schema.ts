import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';

/** Property id to the FEEL expression that it is computed by, over other properties of the same device. */
export const derivedSchema = z.record(
  thingIdSchema,
  z.strictObject({
    feel: z.string().min(1).max(1_000).describe('FEEL over property ids, such as "powerL1 + powerL2 + powerL3".'),
  }),
);
export type DerivedRules = z.infer<typeof derivedSchema>;

import { z } from 'zod';
import { versionRangeSchema } from './match-schema.js';

const patch = z.record(z.string(), z.json());

/** What is different where the device's firmware lies in a range; merged over the profile in the order of the list. */
export const variantSchema = z
  .strictObject({
    firmware: versionRangeSchema,
    thing: patch.optional(),
    bindings: patch.optional(),
    derived: patch.optional(),
    simulation: patch.optional(),
    alarms: z.array(z.json()).max(64).optional(),
  })
  .refine((variant) => Object.keys(variant).length > 1, 'a variant changes something');
export type Variant = z.infer<typeof variantSchema>;

import { z } from 'zod';
import { labelSchema } from '../../label.js';
import { thingModelSchema } from '../../thing/thing-model.js';
import { refineUnique, thingIdSchema } from '../../thing/value-shape.js';
import { alarmRuleSchema } from '../alarm-schema.js';
import { simulationSchema } from '../simulation-schema.js';
import { slugSchema } from '../slug-schema.js';

/** A capability that many models have: properties, events, commands and alarms, without a word about wires. */
export const templateSchema = z
  .strictObject({
    schema: z.literal(1).describe('Version of this format.'),
    template: slugSchema.describe('The file’s name without .yaml.'),
    label: labelSchema,
    description: labelSchema.optional(),
    thing: thingModelSchema,
    alarms: z.array(alarmRuleSchema).max(64).default([]),
    simulation: simulationSchema.optional(),
  })
  .superRefine((template, ctx) => refineUnique(template.alarms, 'alarms', ctx));
export type Template = z.infer<typeof templateSchema>;

const taken = z.array(thingIdSchema).min(1).max(320);

/** One entry of `uses`: a template's name, or part of a template. */
export const templateUseSchema = z.union([
  slugSchema,
  z
    .strictObject({
      template: slugSchema,
      only: taken.optional().describe('Ids of the properties, events and commands that are taken.'),
      except: taken.optional().describe('Ids of those that are not.'),
    })
    .refine((use) => use.only === undefined || use.except === undefined, 'only and except exclude each other'),
]);
export const usesSchema = z.array(templateUseSchema).min(1).max(16);

export const extendsSchema = z
  .string()
  .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, 'extends names a profile as vendor/model')
  .describe('Profile that this one starts from.');

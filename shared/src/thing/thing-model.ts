import { z } from 'zod';
import { labelSchema } from '../label.js';
import { refineUnique, refineValueShape, thingIdSchema, valueShape } from './value-shape.js';

export const accessSchema = z.enum(['r', 'w', 'rw']);
export type Access = z.infer<typeof accessSchema>;

/**
 * Where a device page shows a property: on top, in the list, among settings, or under diagnostics. An `internal` one is
 * but an input of derived values and of rules: it stays on the unit and is shown nowhere.
 */
export const propertyRoleSchema = z.enum(['primary', 'normal', 'setting', 'diagnostic', 'internal']);
export type PropertyRole = z.infer<typeof propertyRoleSchema>;

export const severitySchema = z.enum(['info', 'notice', 'warning', 'critical']);
export type Severity = z.infer<typeof severitySchema>;

/** A value that a device holds: read, written or both. */
export const propertySchema = z
  .strictObject({
    ...valueShape,
    access: accessSchema.default('r'),
    role: propertyRoleSchema.default('normal'),
    deadBand: z
      .number()
      .nonnegative()
      .optional()
      .describe('A change smaller than this is not reported, in the unit of the property.'),
    cumulative: z.boolean().optional().describe('A counter that only grows, such as energy; differences make sense.'),
  })
  .superRefine((property, ctx) => {
    refineValueShape(property, ctx);
    if (property.deadBand !== undefined && property.type !== 'number' && property.type !== 'integer') {
      ctx.addIssue({ code: 'custom', message: 'deadBand fits numbers only', path: ['deadBand'] });
    }
    if (property.role === 'internal' && property.access !== 'r') {
      ctx.addIssue({ code: 'custom', message: 'what is internal cannot be set', path: ['access'] });
    }
  });
export type Property = z.infer<typeof propertySchema>;

/** One named value of an event, a command's input or its output. */
export const fieldSchema = z
  .strictObject({
    ...valueShape,
    optional: z.boolean().default(false),
    default: z.union([z.number(), z.boolean(), z.string()]).optional().describe('Used where the field is left out.'),
  })
  .superRefine((field, ctx) => refineValueShape(field, ctx));
export type Field = z.infer<typeof fieldSchema>;

const fieldsSchema = z.array(fieldSchema).max(64).default([]);

/** Something that happened at a device. */
export const eventSchema = z
  .strictObject({
    id: thingIdSchema,
    label: labelSchema,
    description: labelSchema.optional(),
    severity: severitySchema.default('info'),
    fields: fieldsSchema,
  })
  .superRefine((event, ctx) => refineUnique(event.fields, 'fields', ctx));
export type EventModel = z.infer<typeof eventSchema>;

/** Something a device can be told to do. */
export const commandSchema = z
  .strictObject({
    id: thingIdSchema,
    label: labelSchema,
    description: labelSchema.optional(),
    input: fieldsSchema,
    output: fieldsSchema,
    timeoutMs: z.int().min(100).max(3_600_000).default(10_000).describe('From the first byte sent to the answer.'),
    dangerous: z.boolean().default(false).describe('Asks before it is sent; needs a right of its own.'),
    confirm: labelSchema.optional().describe('The question asked before a dangerous command.'),
  })
  .superRefine((command, ctx) => {
    refineUnique(command.input, 'input', ctx);
    refineUnique(command.output, 'output', ctx);
    if (command.dangerous && !command.confirm) {
      ctx.addIssue({ code: 'custom', message: 'a dangerous command has a confirm text', path: ['dangerous'] });
    }
  });
export type CommandModel = z.infer<typeof commandSchema>;

/** What a kind of device is, for people and programs, whatever its protocol. */
export const thingModelSchema = z
  .strictObject({
    properties: z.array(propertySchema).max(256).default([]),
    events: z.array(eventSchema).max(64).default([]),
    commands: z.array(commandSchema).max(64).default([]),
  })
  .superRefine((thing, ctx) => {
    refineUnique(thing.properties, 'properties', ctx);
    refineUnique(thing.events, 'events', ctx);
    refineUnique(thing.commands, 'commands', ctx);
  });
export type ThingModel = z.infer<typeof thingModelSchema>;

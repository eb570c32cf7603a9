import { z } from 'zod';
import { labelSchema } from '../label.js';
import { thingModelSchema } from '../thing/thing-model.js';
import { refineUnique, thingIdSchema } from '../thing/value-shape.js';
import { alarmRuleSchema } from './alarm-schema.js';
import { derivedSchema } from './derived-schema.js';
import { matchSchema } from './match-schema.js';
import { modbusBindingSchema } from './modbus-schema.js';
import { mqttBindingSchema } from './mqtt-schema.js';
import { onvifBindingSchema } from './onvif-schema.js';
import { serialBindingSchema } from './serial-schema.js';
import { simulationSchema } from './simulation-schema.js';
import { slugSchema } from './slug-schema.js';
import { variantSchema } from './variant-schema.js';

export const deviceClassSchema = z.enum([
  'queue-machine',
  'evaluator',
  'led-display',
  'guide-screen',
  'kiosk',
  'id-card-reader',
  'card-reader',
  'code-reader',
  'document-scanner',
  'ticket-printer',
  'camera',
  'microphone',
  'speaker',
  'player',
  'meter',
  'ups',
  'pdu',
  'environment-sensor',
  'leak-sensor',
  'smoke-sensor',
  'gas-sensor',
  'presence-sensor',
  'air-conditioner',
  'thermostat',
  'relay',
  'light',
  'door',
  'network',
  'other',
]);
export type DeviceClass = z.infer<typeof deviceClassSchema>;

export const sourceSchema = z.strictObject({
  kind: z.enum(['manual', 'standard', 'own', 'observed']).describe('Where the facts come from.'),
  document: z.string().min(1).max(300).describe('Name and edition of the document.'),
  url: z.url().max(500).optional(),
  note: z.string().max(1_000).optional(),
});

export const firmwareSchema = z.strictObject({
  method: z.enum(['none', 'manual', 'mqtt', 'onvif']).describe('How a new firmware gets in; none: never.'),
  versionProperty: thingIdSchema.optional().describe('Property that holds the version in use.'),
  note: labelSchema.optional(),
});

export const bindingsSchema = z
  .strictObject({
    mqtt: mqttBindingSchema.optional(),
    modbus: modbusBindingSchema.optional(),
    serial: serialBindingSchema.optional(),
    onvif: onvifBindingSchema.optional(),
  })
  .refine((bindings) => Object.keys(bindings).length > 0, 'a profile binds at least one protocol');
export type Bindings = z.infer<typeof bindingsSchema>;
export type Protocol = keyof Bindings;

/** A device model as data, version 1 of the format: resolved, that is with templates and base profile merged in. */
export const profileSchema = z
  .strictObject({
    schema: z.literal(1).describe('Version of this format.'),
    vendor: slugSchema.describe('The folder’s name.'),
    vendorLabel: labelSchema,
    model: slugSchema.describe('The file’s name without .yaml.'),
    label: labelSchema,
    class: deviceClassSchema,
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, 'a version is major.minor.patch')
      .describe('Version of this profile.'),
    source: sourceSchema,
    match: matchSchema,
    thing: thingModelSchema,
    bindings: bindingsSchema,
    alarms: z.array(alarmRuleSchema).max(64).default([]),
    derived: derivedSchema.optional(),
    firmware: firmwareSchema.optional(),
    variants: z.array(variantSchema).max(16).optional(),
    simulation: simulationSchema.optional(),
  })
  .superRefine((profile, ctx) => refineUnique(profile.alarms, 'alarms', ctx));

export type Profile = z.infer<typeof profileSchema>;

/** `vendor/model`, the name of a profile everywhere. */
export type ProfileId = `${string}/${string}`;

export function profileId(profile: Pick<Profile, 'vendor' | 'model'>): ProfileId {
  return `${profile.vendor}/${profile.model}`;
}

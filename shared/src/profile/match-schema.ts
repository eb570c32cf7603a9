import { z } from 'zod';
import { lineSchema } from './line-schema.js';
import { halfSchema, modbusTableSchema, orderSchema, registerTypeSchema } from './register-schema.js';
import { frameMatchSchema, framePartSchema } from './serial-schema.js';
import { globSchema, literalSchema, regexSchema } from './transform-schema.js';
import { isVersionRange } from './version-range.js';

export const versionRangeSchema = z
  .string()
  .refine(isVersionRange, 'a version range is comparisons such as ">=1.2 <2"')
  .describe('Comparisons joined by blanks: ">=1.2 <2".');

/** What a device says when it joins over MQTT. */
export const mqttMatchSchema = z.strictObject({
  vendor: globSchema,
  model: globSchema,
  firmware: versionRangeSchema.optional(),
});

/** Registers read to find out what answers. All reads of a rule have to fit. */
export const modbusMatchSchema = z
  .strictObject({
    deviceId: z
      .strictObject({
        vendorName: globSchema.optional(),
        productCode: globSchema.optional(),
        revision: globSchema.optional(),
        modelName: globSchema.optional(),
      })
      .optional()
      .describe('Read device identification, function code 43/14.'),
    reads: z
      .array(
        z.strictObject({
          table: modbusTableSchema,
          address: z.int().min(0).max(65_535),
          type: registerTypeSchema,
          words: z.int().min(1).max(125).optional(),
          bit: z.int().min(0).max(15).optional(),
          width: z.int().min(1).max(16).optional(),
          half: halfSchema.optional(),
          signed: z.boolean().optional(),
          wordOrder: orderSchema.optional(),
          byteOrder: orderSchema.optional(),
          equals: literalSchema.optional(),
          oneOf: z.array(literalSchema).min(1).max(32).optional(),
          between: z.tuple([z.number(), z.number()]).optional(),
          pattern: regexSchema.optional(),
        }),
      )
      .max(8)
      .default([]),
  })
  .refine((rule) => rule.deviceId !== undefined || rule.reads.length > 0, 'a rule states a deviceId or reads');
export type ModbusMatch = z.infer<typeof modbusMatchSchema>;
export type ModbusProbeRead = ModbusMatch['reads'][number];

/** Bytes sent to find out what answers; with nothing to send the unit only listens. */
export const serialMatchSchema = z.strictObject({
  line: lineSchema.optional().describe('Tried with these settings; the binding’s own where left out.'),
  send: z.array(framePartSchema).max(16).default([]),
  raw: z.boolean().default(false),
  expect: frameMatchSchema,
  timeoutMs: z.int().min(10).max(60_000).default(500),
});
export type SerialMatch = z.infer<typeof serialMatchSchema>;

export const onvifMatchSchema = z.strictObject({
  manufacturer: globSchema,
  model: globSchema,
  firmware: versionRangeSchema.optional(),
});

export const matchSchema = z
  .strictObject({
    mqtt: z.array(mqttMatchSchema).max(16).default([]),
    modbus: z.array(modbusMatchSchema).max(8).default([]),
    serial: z.array(serialMatchSchema).max(8).default([]),
    onvif: z.array(onvifMatchSchema).max(16).default([]),
  })
  .prefault({});
export type MatchRules = z.infer<typeof matchSchema>;

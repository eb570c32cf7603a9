import { z } from 'zod';
import { thingIdSchema } from '../thing/value-shape.js';
import { literalSchema } from './transform-schema.js';

const periodS = z.number().min(1).max(604_800);

/** How a simulated property moves. */
export const simulatedValueSchema = z.union([
  z.strictObject({ fixed: literalSchema }).describe('Never moves.'),
  z
    .strictObject({
      start: z.number(),
      swing: z.number().nonnegative().describe('Farthest from start, both ways.'),
      periodS: periodS.describe('One swing there and back, seconds.'),
    })
    .describe('Moves around start.'),
  z.strictObject({ start: z.number(), perHour: z.number() }).describe('Grows (or falls) steadily.'),
  z
    .strictObject({ cycle: z.array(literalSchema).min(1).max(64), everyS: periodS })
    .describe('Takes one value after the other.'),
]);
export type SimulatedValue = z.infer<typeof simulatedValueSchema>;

export const simulatedEventSchema = z.strictObject({
  everyS: periodS,
  fields: z.record(thingIdSchema, literalSchema).default({}),
});
export type SimulatedEvent = z.infer<typeof simulatedEventSchema>;

/** Hints for the simulator; without them it invents movement from type, range, unit and dead band. */
export const simulationSchema = z.strictObject({
  values: z.record(thingIdSchema, simulatedValueSchema).default({}),
  events: z.record(thingIdSchema, simulatedEventSchema).default({}),
});
export type Simulation = z.infer<typeof simulationSchema>;

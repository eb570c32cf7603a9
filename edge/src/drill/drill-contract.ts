import { epochMsSchema, laneSchema } from '@hallhub/shared/wire';
import { z } from 'zod';

/** In the order in which `hub drill run all` holds them. */
export const drillKinds = [
  'cut',
  'slow',
  'lossy',
  'broker-restart',
  'clock-jump',
  'disk-full',
  'restart-agent',
] as const;
export type DrillKind = (typeof drillKinds)[number];
export const drillKindSchema = z.enum(drillKinds);

export const drillOfferSchema = z.object({
  kind: drillKindSchema,
  what: z.string(),
  /** Why it cannot be held on this machine; null: it can. */
  notHere: z.string().nullable(),
});
export type DrillOffer = z.infer<typeof drillOfferSchema>;

export const drillStateSchema = z.object({
  id: z.string(),
  kind: drillKindSchema,
  startedAt: epochMsSchema,
  /** When the unit puts everything back by itself. */
  endsAt: epochMsSchema,
  state: z.enum(['running', 'undone']),
  /** What was done, in words. */
  done: z.string(),
});
export type DrillState = z.infer<typeof drillStateSchema>;

const laneAmounts = z.object({
  lane: laneSchema,
  epoch: z.string(),
  head: z.number().int(),
  confirmed: z.number().int(),
});

/** What was seen of the unit at one moment. */
export const drillLookSchema = z.object({
  at: epochMsSchema,
  uplink: z.string(),
  pending: z.number().int(),
  oldestMs: z.number(),
  memoryBytes: z.number(),
  freeBytes: z.number().nullable(),
  online: z.number().int(),
  lanes: z.array(laneAmounts),
});
export type DrillLook = z.infer<typeof drillLookSchema>;

export const drillVerdicts = ['proven', 'different', 'one-end', 'late', 'not-here', 'failed'] as const;

export const drillReportSchema = z.object({
  v: z.literal(1),
  id: z.string(),
  kind: drillKindSchema,
  startedAt: epochMsSchema,
  endedAt: epochMsSchema,
  forMs: z.number(),
  done: z.string(),
  before: drillLookSchema.nullable(),
  /** The worst seen meanwhile. */
  during: z.object({ offlineMs: z.number(), maxPending: z.number().int(), maxOldestMs: z.number() }),
  after: drillLookSchema.nullable(),
  /** From the end of the fault until everything had been confirmed. */
  caughtUpMs: z.number().nullable(),
  /** Rows from the beginning to the end of the drill, by the chains and figures of both ends; null: the cloud could not be asked. */
  rows: z.object({
    produced: z.number().int(),
    committed: z.number().int(),
    aside: z.number().int().nullable(),
    thinned: z.number().int().nullable(),
    lost: z.number().int().nullable(),
    twice: z.number().int().nullable(),
  }),
  verdict: z.enum(drillVerdicts),
  text: z.string(),
});
export type DrillReport = z.infer<typeof drillReportSchema>;

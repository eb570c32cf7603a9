import { hourStates, proofVerdicts } from '@hallhub/shared/proof';
import { laneSchema } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();
const count = z.int().min(0);
export const dayText = z.iso.date().describe('A day in the zone of the hall, YYYY-MM-DD');
export const monthText = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

export const figuresSchema = z
  .object({
    produced: count.describe('Rows that the unit wrote, by its own sealed hours'),
    stored: count.describe('Rows in their tables'),
    aside: count.describe('Rows kept as they came, because they broke their contract'),
    thinned: count.describe('Rows that the unit dropped for want of room, signed and recorded'),
    lost: count,
    twice: count.describe('Rows counted more than once; after a roll-back of the unit’s disk: at most so many'),
    waiting: count.describe('Sealed by the unit, on the way'),
    unsealed: count.describe('Committed in hours that the unit has not sealed yet'),
    repeated: count.describe('Events said again by devices with an id used before: one entry each'),
    quarantined: count.describe(
      'Values (not rows) in quarantine for a time in the far future, by the day they arrived; their rows count as stored',
    ),
    delayMaxMs: count.nullable(),
  })
  .openapi('ProofFigures');

const verdict = z.enum(proofVerdicts);
const sealSide = z.object({ firstSeq: count, lastSeq: count, count, chain: z.string() });

export const proofHourDto = z.object({
  lane: laneSchema,
  epoch: z.string(),
  hour: instant,
  state: z.enum(hourStates),
  unit: sealSide.nullable(),
  cloud: sealSide.nullable(),
  // As signed reports of older versions have it: quarantine is a figure of days.
  figures: figuresSchema.omit({ quarantined: true }),
  carried: count,
});

export const recountDto = z
  .object({
    at: instant,
    by: z.string(),
    equal: z.boolean(),
    kinds: z.array(
      z.object({
        kind: z.enum(['value', 'event', 'presence', 'command', 'fault']),
        expected: count.describe('Entries that commits said they stored'),
        found: count.describe('Entries that stand in the tables now'),
      }),
    ),
  })
  .openapi('ProofRecount');
export type RecountDto = z.infer<typeof recountDto>;

export const unitDayProofDto = z
  .object({
    unitId: z.uuid(),
    unitName: z.string(),
    hallId: z.uuid(),
    hallName: z.string(),
    timeZone: z.string(),
    day: dayText,
    from: instant,
    to: instant,
    madeAt: instant,
    verdict,
    figures: figuresSchema,
    hours: z.array(proofHourDto),
    notes: z.array(
      z.object({
        kind: z.enum(['rollback', 'damaged', 'replaced', 'gap']),
        lane: laneSchema,
        at: instant,
        rows: count.nullable(),
        reason: z.string(),
      }),
    ),
    hoursSha256: z.string().describe('SHA-256 of the canonical JSON of `hours`, as signed reports have it'),
    recount: recountDto.nullable().describe('The last recount of what stands in the tables'),
    days: z.array(z.object({ day: dayText, verdict })).describe('The two weeks that end with this day, oldest first'),
  })
  .openapi('UnitDayProof');
export type UnitDayProof = z.infer<typeof unitDayProofDto>;

export const fleetProofDto = z
  .object({
    unitId: z.uuid(),
    unitName: z.string(),
    hallId: z.uuid(),
    hallName: z.string(),
    timeZone: z.string(),
    verdict,
    figures: figuresSchema,
    days: z.array(z.object({ day: dayText, verdict, figures: figuresSchema })),
  })
  .openapi('FleetProof');
export type FleetProof = z.infer<typeof fleetProofDto>;

export const reportDto = z
  .object({
    id: z.uuid(),
    month: monthText,
    madeAt: instant,
    madeBy: z.string(),
    units: count,
    verdict,
    totals: figuresSchema,
    sha256: z.string(),
    bytes: count,
  })
  .openapi('ProofReport');
export type ReportDto = z.infer<typeof reportDto>;

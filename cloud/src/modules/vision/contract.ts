import { cameraVisionSchema, maxRulesOfView, maxViews, visionRuleSchema } from '@hallhub/shared/vision';
import { presenceStates } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

const instant = z.iso.datetime();

/** What a unit does with a camera's pictures; the camera is in the path. */
export const cameraDocumentSchema = cameraVisionSchema.omit({ deviceId: true }).openapi('CameraDocument');
export type CameraDocument = z.output<typeof cameraDocumentSchema>;

/** What becomes of a camera's pictures, as far as is known. `waiting`: its unit has not taken the newest set-up over, or only begins. */
export const analysisStates = [
  ...(['not_set_up', 'off', 'unknown', 'waiting', 'watching'] as const),
  ...(['no_pictures', 'no_model', 'no_address'] as const),
] as const;
export type AnalysisState = (typeof analysisStates)[number];
/** Somebody has to do something. */
export const troubleStates = ['no_pictures', 'no_model', 'no_address'] as const satisfies readonly AnalysisState[];

export const cameraSummarySchema = z
  .object({
    deviceId: z.uuid(),
    name: z.string(),
    hallId: z.uuid(),
    hallName: z.string(),
    regionId: z.uuid(),
    unitId: z.uuid(),
    unitName: z.string(),
    presence: z.enum([...presenceStates, 'unknown']),
    presenceSince: instant.nullable(),
    stale: z.boolean().describe('Its unit is away: what is said of it is old'),
    configured: z.boolean().describe('It has at least one rule'),
    enabled: z.boolean(),
    analysis: z.enum(analysisStates),
    analysisSince: instant.nullable(),
    health: z.string().nullable().describe('What is wrong with its picture: black, frozen, covered, moved, blurred'),
    views: z.int(),
    rules: z.int(),
    rulesMost: z.int().describe('Of all its views together'),
    openItems: z.int().describe('Waiting for a decision'),
    lastFindingAt: instant.nullable(),
    version: z.int().describe('0: nobody has set it up'),
  })
  .openapi('VisionCamera');
export type CameraSummary = z.infer<typeof cameraSummarySchema>;

export const cameraPictureSchema = z.object({
  evidenceId: z.uuid(),
  at: instant,
  width: z.int().nullable().describe('Of the camera’s picture in it; null: the file is the picture'),
  height: z.int().nullable(),
  band: z.enum(['none', 'above', 'on', 'below']),
});

export const cameraSetUpSchema = cameraSummarySchema
  .extend({
    document: cameraDocumentSchema,
    picture: cameraPictureSchema.nullable().describe('The newest whole picture of it that is here'),
    canSnapshot: z.boolean(),
    applied: z
      .object({
        version: z.int().nullable().describe('Of the set-up that the unit works by; null: it never said'),
        at: instant.nullable(),
        reportedAt: instant.nullable().describe('When the unit last spoke of its cameras'),
        source: z.enum(['cloud', 'file']).nullable().describe('file: the hall works by a file of its own'),
        problem: z.string().nullable().describe('Why the unit did not take something newer'),
        process: z.string().nullable().describe('Of the unit: off, starting, running, waiting'),
        reason: z.string().nullable(),
        hint: z.string().nullable().describe('What to do at the unit'),
        fps: z.number().nullable().describe('Pictures a second that are looked at'),
        model: z.string().nullable(),
        inferenceMs: z.number().nullable().describe('Median of one picture'),
      })
      .describe('What the unit itself says of it'),
    updatedAt: instant.nullable(),
    updatedBy: z.string().nullable(),
  })
  .openapi('CameraSetUp');
export type CameraSetUp = z.infer<typeof cameraSetUpSchema>;

const templateFields = {
  name: z.string().trim().min(1).max(100),
  note: z.string().trim().max(500).default(''),
  rules: z.array(visionRuleSchema).min(1).max(maxRulesOfView),
};
export const templateInputSchema = z.object(templateFields).openapi('VisionTemplateInput');
export type TemplateInput = z.output<typeof templateInputSchema>;
export const templateSchema = z
  .object({ id: z.uuid(), ...templateFields, note: z.string(), version: z.int(), updatedAt: instant })
  .openapi('VisionTemplate');
export type Template = z.infer<typeof templateSchema>;

/** One view's rules to other cameras: shown first (`dryRun`), then done with the versions that were shown. */
export const copyViewSchema = z
  .object({
    viewId: z.uuid(),
    mode: z.enum(['replace', 'add']).describe('What becomes of the rules that are there'),
    dryRun: z.boolean().default(true),
    targets: z
      .array(
        z.object({
          deviceId: z.uuid(),
          viewId: z.uuid().optional().describe('Left out: the first view, made where there is none'),
          version: z.int().min(0).optional().describe('As the preview gave it; needed unless dryRun'),
        }),
      )
      .min(1)
      .max(100),
  })
  .openapi('CopyView');
export type CopyView = z.output<typeof copyViewSchema>;

export const copyOutcomeSchema = z.object({
  deviceId: z.uuid(),
  name: z.string().nullable(),
  result: z.enum([
    'would_change',
    'changed',
    'not_found',
    'forbidden',
    'changed_meanwhile',
    'too_many_rules',
    'is_source',
  ]),
  viewName: z.string().nullable(),
  rulesBefore: z.int(),
  rulesAfter: z.int(),
  overwritten: z.array(z.string()).describe('Names of rules that go'),
  version: z.int(),
});
export type CopyOutcome = z.infer<typeof copyOutcomeSchema>;
export const copyResultSchema = z
  .object({ dryRun: z.boolean(), targets: z.array(copyOutcomeSchema) })
  .openapi('CopyResult');

/** As it is written to a file and read back: cameras are known again by id, or by maker, model and serial number. */
export const visionFileSchema = z
  .object({
    format: z.literal('hallhub.vision'),
    v: z.literal(1),
    exportedAt: instant,
    cameras: z
      .array(
        z.object({
          deviceId: z.uuid(),
          name: z.string().max(200),
          hallName: z.string().max(200),
          vendor: z.string().max(200),
          model: z.string().max(200),
          serial: z.string().max(200),
          document: cameraDocumentSchema,
        }),
      )
      .max(2_000),
    templates: z.array(z.object(templateFields)).max(200),
  })
  .openapi('VisionFile');
export type VisionFile = z.output<typeof visionFileSchema>;

export const importOutcomeSchema = z.object({
  name: z.string(),
  hallName: z.string(),
  deviceId: z.uuid().nullable(),
  result: z.enum(['created', 'replaced', 'unchanged', 'unknown', 'refused']),
  rulesBefore: z.int(),
  rulesAfter: z.int(),
  reason: z.string().nullable(),
});
export type ImportOutcome = z.infer<typeof importOutcomeSchema>;
export const importResultSchema = z
  .object({
    dryRun: z.boolean(),
    cameras: z.array(importOutcomeSchema),
    templates: z.array(z.object({ name: z.string(), result: z.enum(['created', 'replaced', 'unchanged', 'refused']) })),
  })
  .openapi('VisionImport');
export type ImportResult = z.infer<typeof importResultSchema>;

export const largestRules = maxViews * maxRulesOfView;

const tally = {
  cameras: z.int(),
  online: z.int(),
  configured: z.int(),
  watching: z.int(),
  trouble: z.int().describe('No pictures, no model, or no address'),
};
/** Halls with cameras, and what their units can carry. */
export const cameraPlacesSchema = z
  .object({
    halls: z.array(
      z.object({
        hallId: z.uuid(),
        name: z.string(),
        regionId: z.uuid(),
        lat: z.number().nullable(),
        lon: z.number().nullable(),
        ...tally,
        units: z.array(
          z.object({
            unitId: z.uuid(),
            name: z.string(),
            slotsMost: z.int().nullable().describe('Cameras it looks after at most; null: it never said'),
            slotsUsed: z.int().nullable(),
            busy: z.number().nullable().describe('Share of its detector’s time that is used'),
          }),
        ),
      }),
    ),
    regions: z.array(z.object({ regionId: z.uuid(), parentId: z.uuid().nullable(), name: z.string() })),
  })
  .openapi('CameraPlaces');
export type CameraPlaces = z.infer<typeof cameraPlacesSchema>;

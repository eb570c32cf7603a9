import { labelSchema } from '@hallhub/shared';
import { dryScriptSchema, kindFaults, migrationObstacles, slugSchema, ticketKindSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

export const mostKinds = 200;

const instant = z.iso.datetime();
const number = z.int().min(1);

/** As the designer left it; `faults` say what keeps it from being a kind. */
export const draftDocumentSchema = z.record(z.string().max(64), z.json()).openapi('TicketKindDraft');

export const draftFaultSchema = z
  .object({
    code: z.enum([...kindFaults, 'shape', 'too_much_feel', 'other_code']),
    severity: z.enum(['error', 'warning']),
    path: z.string(),
    about: z.string().optional(),
  })
  .openapi('TicketKindFault');
export type DraftFault = z.infer<typeof draftFaultSchema>;

const published = z.object({ version: number, at: instant, by: z.string() });

export const kindSummarySchema = z
  .object({
    code: slugSchema,
    label: labelSchema,
    published: published.nullable(),
    draft: z
      .object({
        at: instant,
        by: z.string().nullable(),
        shipped: z.boolean().describe('Came with the software, newer'),
      })
      .nullable()
      .describe('null: nothing is being changed'),
    tickets: z.int().describe('That run now, by any version'),
    retired: z.boolean().describe('No new tickets of it'),
    version: z.int().describe('Of the draft: its ETag'),
  })
  .openapi('TicketKindSummary');
export type KindSummary = z.infer<typeof kindSummarySchema>;

export const kindPageSchema = z
  .object({
    code: slugSchema,
    label: labelSchema,
    draft: z.object({
      document: draftDocumentSchema,
      etag: z.string(),
      faults: z.array(draftFaultSchema),
      changed: z.boolean().describe('false: it is what is published'),
      shipped: z.boolean(),
      at: instant.nullable(),
      by: z.string().nullable(),
    }),
    published: published.nullable(),
    versions: z.array(published.extend({ tickets: z.int().describe('That run on it') })).describe('Newest first'),
    retired: z.boolean(),
    version: z.int(),
  })
  .openapi('TicketKindPage');
export type KindPage = z.infer<typeof kindPageSchema>;

export const draftSavedSchema = z.object({ version: z.int(), faults: z.array(draftFaultSchema) }).openapi('DraftSaved');
export type DraftSaved = z.infer<typeof draftSavedSchema>;

export const kindPublishedSchema = z
  .object({ published: number, version: z.int(), faults: z.array(draftFaultSchema) })
  .openapi('TicketKindPublished');
export type KindPublished = z.infer<typeof kindPublishedSchema>;

export const kindVersionSchema = z
  .object({ code: slugSchema, number, document: ticketKindSchema, at: instant, by: z.string() })
  .openapi('TicketKindVersion');
export type KindVersionDto = z.infer<typeof kindVersionSchema>;

export const createKindSchema = z
  .object({
    code: slugSchema,
    label: labelSchema,
    from: slugSchema.default('blank').describe('`blank`, or the code of a kind that is there'),
  })
  .openapi('CreateTicketKind');
export type CreateKind = z.output<typeof createKindSchema>;

export const makeableSchema = z
  .object({ code: slugSchema, number, document: ticketKindSchema })
  .openapi('MakeableKind');
export type Makeable = z.infer<typeof makeableSchema>;

const versionOrDraft = z.union([z.literal('draft'), z.coerce.number().int().min(1)]);
export const diffQuerySchema = z.object({ from: versionOrDraft, to: versionOrDraft });
export type DiffQuery = z.output<typeof diffQuerySchema>;
export const diffSchema = z.object({
  changes: z.array(
    z.object({
      change: z.enum(['added', 'removed', 'changed']),
      part: z.string(),
      path: z.string(),
      name: labelSchema,
      within: labelSchema.optional(),
      property: z.string().optional(),
      from: z.unknown().optional(),
      to: z.unknown().optional(),
    }),
  ),
});
export type KindDiff = z.infer<typeof diffSchema>;

const longestTrialMinutes = 366 * 24 * 60;
const minutesOf = (script: z.output<typeof dryScriptSchema>): number =>
  script.reduce((sum, step) => sum + ('afterMinutes' in step ? step.afterMinutes : 0), 0);

export const trialSchema = z
  .object({
    document: draftDocumentSchema.optional().describe('Left out: the draft'),
    script: dryScriptSchema.refine((script) => minutesOf(script) <= longestTrialMinutes, 'A year of time at most'),
    hallId: z.uuid().optional().describe('Where it would be made: its code, and its region’s, stand in conditions'),
  })
  .openapi('TicketKindTrial');
export type Trial = z.output<typeof trialSchema>;

export const migrateSchema = z
  .object({
    from: number,
    to: number,
    steps: z
      .record(slugSchema, slugSchema)
      .default({})
      .describe('Steps of `from` as steps of `to`; others keep their name'),
    dryRun: z.boolean().default(true),
    after: z.uuid().optional().describe('`next` of the answer before'),
  })
  .openapi('MigrateTickets');
export type MigrateTickets = z.output<typeof migrateSchema>;

export const migratedSchema = z
  .object({
    dryRun: z.boolean(),
    moved: z.int().describe('Or that could be, of a dry run'),
    refused: z
      .array(
        z.object({
          ticketId: z.uuid(),
          number: z.string(),
          obstacles: z.array(z.object({ code: z.enum([...migrationObstacles, 'busy']), about: z.string().optional() })),
        }),
      )
      .describe('The first of them'),
    refusedCount: z.int(),
    leaves: z
      .array(z.object({ field: z.string(), tickets: z.int() }))
      .describe('Fields with values that the new version does not show; the history keeps them'),
    next: z.uuid().nullable().describe('There are more: ask again with it as `after`; null: that was all'),
  })
  .openapi('TicketsMigrated');
export type Migrated = z.infer<typeof migratedSchema>;

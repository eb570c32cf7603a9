import { labelSchema } from '@hallhub/shared';
import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';
import { pageQuerySchema } from '../../../http/pagination.js';
import { importStates } from './tables.js';

const instant = z.iso.datetime();
const count = z.int().min(0);
const target = z.string().regex(/^(?:@[a-z]{1,20}|[a-z][A-Za-z0-9]{0,47}(?:\.(?:lon|lat))?)$/);

export const importFaultSchema = z.object({
  /** Of the file, the first being 1. */
  line: count,
  /** Its place, from 0; null: the row as a whole. */
  column: count.nullable(),
  title: z.string().nullable(),
  code: z.string(),
  text: labelSchema,
  /** What stands there; null where the reader did not send the file. */
  value: z.string().nullable(),
});
export type ImportFaultView = z.infer<typeof importFaultSchema>;

export const ticketImportSchema = z
  .object({
    id: z.uuid(),
    kind: z.object({ code: slugSchema, label: labelSchema }),
    hall: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    fileName: z.string(),
    readAs: z.object({
      format: z.enum(['csv', 'xlsx']),
      encoding: z.string().optional(),
      delimiter: z.string().optional(),
      sheet: z.string().optional(),
    }),
    state: z.enum(importStates),
    rows: count,
    /** Gone through by the check. */
    checked: count,
    /** Rows in which the check found something. */
    faulty: count,
    made: count,
    known: count,
    bad: count,
    /** rows = made + known + bad + left. */
    left: count,
    failure: z.string().nullable(),
    byName: z.string(),
    mine: z.boolean(),
    at: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    /** Until when the rows that are bad or left lie here. */
    keptTill: instant.nullable(),
    version: z.int(),
  })
  .openapi('TicketImport');
export type TicketImport = z.infer<typeof ticketImportSchema>;

export const ticketImportPageSchema = ticketImportSchema
  .extend({
    columns: z.array(z.string()),
    mapping: z.array(z.string().nullable()),
    targets: z.array(z.object({ key: z.string(), label: labelSchema, required: z.boolean() })),
    /** Targets that have to be mapped and are not. */
    missing: z.array(z.string()),
    preview: z.array(z.object({ line: count, cells: z.array(z.string()), faults: z.array(importFaultSchema) })),
    /** An earlier import of the same file. */
    before: z.object({ at: instant, byName: z.string(), made: count }).nullable(),
  })
  .openapi('TicketImportPage');
export type TicketImportPage = z.infer<typeof ticketImportPageSchema>;

export const uploadQuery = z.object({
  kind: slugSchema,
  name: z.string().min(1).max(255),
  hallId: z.uuid().optional(),
});
export const mapImportSchema = z.strictObject({
  mapping: z.array(target.nullable()).max(200),
  hallId: z.uuid().nullable().default(null),
});
export type MapImport = z.infer<typeof mapImportSchema>;
export const importParams = z.object({ importId: z.uuid() });
export const importsQuery = pageQuerySchema;
export const languageQuery = z.object({ language: z.enum(['zh', 'en']).default('zh') });

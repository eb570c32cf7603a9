import { laneSchema } from '@hallhub/shared/wire';
import { z } from '@hono/zod-openapi';

export const bundleReportSchema = z.object({
  lanes: z.array(
    z.object({
      lane: laneSchema,
      /** Taken in now. */
      rows: z.number().int(),
      /** Batches that were here already. */
      repeated: z.number().int(),
      aside: z.number().int(),
      cursor: z.number().int(),
      result: z.enum(['committed', 'resync', 'rejected', 'busy']),
      reason: z.string().nullable(),
    }),
  ),
  evidence: z.array(
    z.object({ id: z.uuid(), state: z.enum(['complete', 'uploading', 'refused']), reason: z.string().nullable() }),
  ),
});
export type BundleReport = z.infer<typeof bundleReportSchema>;

export const bundleDto = z
  .object({
    id: z.uuid(),
    bundleId: z.uuid(),
    unitId: z.uuid(),
    unitName: z.string(),
    hallId: z.uuid(),
    sha256: z.string(),
    bytes: z.number().int(),
    madeAt: z.iso.datetime(),
    importedAt: z.iso.datetime(),
    importedBy: z.string(),
    /** Everything in it is in the cloud. */
    complete: z.boolean(),
    report: bundleReportSchema,
    /** For a QR code: the receipt as one short text; null where it is too long for one. */
    receiptText: z.string().nullable(),
  })
  .openapi('Bundle');
export type BundleDto = z.infer<typeof bundleDto>;

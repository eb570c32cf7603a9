import { labelSchema } from '@hallhub/shared';
import { slugSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

export const mostTrees = 50;
/** As deep as a field’s path may be. */
export const deepest = 6;

const item = { code: slugSchema, parent: slugSchema.nullable(), label: labelSchema };

export const categoryTreeSummarySchema = z
  .object({ tree: slugSchema, label: labelSchema, categories: z.int(), version: z.int() })
  .openapi('CategoryTreeSummary');
export type CategoryTreeSummary = z.infer<typeof categoryTreeSummarySchema>;

export const categoryTreeSchema = z
  .object({
    tree: slugSchema,
    label: labelSchema,
    items: z.array(z.object({ ...item, retired: z.boolean().describe('No longer to be chosen; these come last') })),
    version: z.int(),
  })
  .openapi('CategoryTree');
export type CategoryTree = z.infer<typeof categoryTreeSchema>;

export const setCategoryTreeSchema = z
  .object({
    label: labelSchema,
    items: z
      .array(z.object({ ...item, parent: item.parent.default(null) }))
      .max(5_000)
      .describe('In the order in which they are shown; what is left out is retired'),
  })
  .openapi('SetCategoryTree');
export type SetCategoryTree = z.output<typeof setCategoryTreeSchema>;

export const categoryUseSchema = z
  .object({ code: slugSchema, tickets: z.int(), offices: z.int() })
  .openapi('CategoryUse');
export type CategoryUse = z.infer<typeof categoryUseSchema>;

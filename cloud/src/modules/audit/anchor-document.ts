import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { canonicalJson } from './chain.js';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

/** What is signed once a day: where the chain stood. `previous` chains the signed heads themselves. */
export const anchorDocumentSchema = z.strictObject({
  type: z.literal('hallhub.audit.anchor'),
  v: z.literal(1),
  tenantId: z.uuid(),
  number: z.int().min(1),
  seq: z.int().min(0),
  hash: hex,
  at: z.iso.datetime(),
  previous: hex.nullable(),
});
export type AnchorDocument = z.infer<typeof anchorDocumentSchema>;

export const writeAnchor = (document: AnchorDocument): string => canonicalJson(document);

/** Null where the text is none. */
export const readAnchor = (text: string): AnchorDocument | null => {
  try {
    return anchorDocumentSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

export const documentHash = (text: string): string => createHash('sha256').update(text).digest('hex');

import type { BlobKey } from '../../blobs/index.js';
import type { Tx } from '../../db/index.js';

/** First half of PostgreSQL's advisory locks of two numbers: no other purpose uses these. */
const lockClass = 4_704;

/** Until this transaction ends nobody else puts or removes this content: between the look for its rows and the file itself one could come or go. */
export const lockBlob = async (tx: Tx, { tenantId, sha256 }: BlobKey): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockClass, `${tenantId}/${sha256}`]);
};

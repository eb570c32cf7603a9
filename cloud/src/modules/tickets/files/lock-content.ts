import type { BlobKey } from '../../../blobs/index.js';
import type { Tx } from '../../../db/index.js';

/** First half of PostgreSQL's advisory locks of two numbers: no other purpose uses these. */
const lockClass = 4_721;

/** Until this transaction ends nobody else puts or removes this content. */
export const lockContent = async (tx: Tx, { tenantId, sha256 }: BlobKey): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockClass, `${tenantId}/${sha256}`]);
};

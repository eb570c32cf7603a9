import type { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';
import { evidenceMediaTypes } from '@hallhub/shared/wire';
import { and, sql } from 'drizzle-orm';
import type { BlobStore } from '../../../blobs/index.js';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';

export interface OpenedEvidence {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable>;
}

interface Row {
  hall_id: string;
  name: string | null;
  media_type: string | null;
  state: string;
  sha256: string | null;
}

/** Looking at evidence is written down, who and which. Throws `not_found`; `conflict` while it is not here yet, `gone` where it never will be. */
export const openEvidence = async (
  ctx: VerbContext,
  { blobs }: { readonly blobs: BlobStore },
  { evidenceId }: { readonly evidenceId: string },
): Promise<OpenedEvidence> => {
  const row = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const where = and(
      sql`e.tenant_id = ${ctx.actor.tenantId} AND e.id = ${evidenceId}`,
      inReach(sql`e.hall_id`, ctx.actor, 'evidence.read'),
    );
    const { rows } = (await tx.execute(
      sql`SELECT e.hall_id, e.name, e.media_type, e.state, encode(e.stored_sha256, 'hex') AS sha256 FROM evidence e WHERE ${where}`,
    )) as unknown as { rows: Row[] };
    const [found] = rows;
    if (!found) throw new HubError('not_found', 'There is no such evidence');
    ctx.actor.require('evidence.read', { hallId: found.hall_id });
    if (found.state === 'given_up')
      throw new HubError('gone', 'The unit had to give this file up before it could be sent');
    if (found.state === 'missing') throw new HubError('gone', 'This file never came');
    if (found.state !== 'complete' || !found.sha256) {
      throw new HubError('conflict', 'This file is still on its way', { context: { state: found.state } });
    }
    const target = { kind: 'evidence', id: evidenceId, name: found.name };
    await audit(tx, ctx, { action: 'evidence.viewed', target, hallId: found.hall_id });
    return { ...found, sha256: found.sha256 };
  });
  const key = { tenantId: ctx.actor.tenantId, sha256: row.sha256 };
  const bytes = await blobs.stat(key);
  if (bytes === undefined) throw new HubError('gone', 'This file is not in the store any more');
  const mediaType = evidenceMediaTypes.find((type) => type === row.media_type) ?? 'application/octet-stream';
  return {
    name: row.name ?? evidenceId,
    mediaType,
    bytes,
    sha256: row.sha256,
    open: (range) => blobs.open(key, range),
  };
};

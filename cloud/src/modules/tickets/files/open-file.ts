import type { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openTicket } from '../store/change-ticket.js';
import { ticketDeps } from '../ticket-deps.js';
import { fileReach, isInReachSql } from '../view/file-view.js';

export interface OpenedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable>;
}

/** Of a ticket that the reader may see, personal ones with the right to them. Throws `not_found`. */
export const openFile = async (
  ctx: VerbContext,
  { ticketId, fileId }: { readonly ticketId: string; readonly fileId: string },
): Promise<OpenedFile> => {
  const row = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const ticket = await openTicket(tx, ctx, { ticketId });
      const reach = fileReach(ctx, ticket);
      const { rows } = await tx.$client.query<{ name: string; media_type: string; size_bytes: string; sha256: string }>(
        `SELECT f.name, f.media_type, f.size_bytes, f.sha256 FROM ticket_files f
         WHERE f.tenant_id = $1 AND f.ticket_id = $2 AND f.id = $3 AND ${isInReachSql('$4', '$5')}`,
        [ctx.actor.tenantId, ticketId, fileId, reach.open, reach.closed],
      );
      return rows[0];
    },
    { readOnly: true },
  );
  if (!row) throw new HubError('not_found', 'There is no such file');
  const key = { tenantId: ctx.actor.tenantId, sha256: row.sha256 };
  const { blobs } = ticketDeps(ctx.db);
  return {
    ...{ name: row.name, mediaType: row.media_type, bytes: Number(row.size_bytes), sha256: row.sha256 },
    open: (range) => blobs.open(key, range),
  };
};

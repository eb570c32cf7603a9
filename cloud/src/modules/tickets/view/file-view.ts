import type { TicketFile } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { OpenTicket } from '../store/change-ticket.js';
import { scopeOf } from '../store/ticket-world.js';
import { doerView } from './row-view.js';

export interface FileRow {
  id: string;
  ticket_id: string | null;
  field: string | null;
  name: string;
  media_type: string;
  size_bytes: string;
  sha256: string;
  made_at: Date;
  made_by: string;
  made_by_name: string;
  taken_at: Date | null;
  lon: number | null;
  lat: number | null;
}

export const fileView = (row: FileRow): TicketFile => ({
  ...{ id: row.id, field: row.field, name: row.name, mediaType: row.media_type, sizeBytes: Number(row.size_bytes) },
  ...{ sha256: row.sha256, madeAt: row.made_at.toISOString(), madeBy: doerView(row.made_by, row.made_by_name) },
  taken: row.taken_at === null ? null : { at: row.taken_at.toISOString(), lon: row.lon, lat: row.lat },
});

/** Fields whose files are not for this reader: personal ones, but for who has the right to them there. */
export const closedFileFields = ({ actor }: Pick<VerbContext, 'actor'>, { ticket, world }: OpenTicket): string[] =>
  actor.can('ticket.personal', scopeOf(ticket))
    ? []
    : world.kind.fields.flatMap(({ key, type, personal }) =>
        (type === 'files' || type === 'signature') && personal ? [key] : [],
      );

/** As far as the reader may have them, oldest first. */
export const readFiles = async (tx: Tx, ctx: VerbContext, open: OpenTicket): Promise<TicketFile[]> => {
  const { rows } = await tx.$client.query<FileRow>(
    `SELECT * FROM ticket_files WHERE tenant_id = $1 AND ticket_id = $2 AND (field IS NULL OR field <> ALL($3::text[]))
     ORDER BY made_at, id`,
    [open.ticket.tenantId, open.ticket.id, closedFileFields(ctx, open)],
  );
  return rows.map(fileView);
};

import type { TicketFile } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { OpenTicket } from '../store/change-ticket.js';
import { scopeOf } from '../store/ticket-world.js';
import { hiddenIn } from './hidden-fields.js';
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

/** Fields whose files are open to a reader; null: of all but the closed ones. */
export interface FileReach {
  readonly open: readonly string[] | null;
  readonly closed: readonly string[];
}

/**
 * Not those of fields that the step hides, and personal ones with the right to them there. What lies in a field that the kind has no more
 * may have been personal.
 */
export const fileReach = (
  { actor }: Pick<VerbContext, 'actor'>,
  { ticket, state, world }: Pick<OpenTicket, 'ticket' | 'state' | 'world'>,
): FileReach => ({
  open: actor.can('ticket.personal', scopeOf(ticket))
    ? null
    : world.kind.fields.flatMap(({ key, personal }) => (personal ? [] : [key])),
  closed: hiddenIn(state, world.kind.steps),
});

/** Whether a file `f` is within reach; the parameters are the open and the closed fields. */
export const isInReachSql = (open: string, closed: string): string =>
  `(f.field IS NULL OR ((${open}::text[] IS NULL OR f.field = ANY(${open})) AND f.field <> ALL(${closed}::text[])))`;

/** As far as the reader may have them, oldest first. */
export const readFiles = async (tx: Tx, ctx: VerbContext, open: OpenTicket): Promise<TicketFile[]> => {
  const reach = fileReach(ctx, open);
  const { rows } = await tx.$client.query<FileRow>(
    `SELECT f.* FROM ticket_files f WHERE f.tenant_id = $1 AND f.ticket_id = $2 AND ${isInReachSql('$3', '$4')}
     ORDER BY f.made_at, f.id`,
    [open.ticket.tenantId, open.ticket.id, reach.open, reach.closed],
  );
  return rows.map(fileView);
};

import { uuidv7 } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { doerOf } from '../store/ticket-world.js';

type Fields = Readonly<Record<string, unknown>>;

const idsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/**
 * Attachments of one ticket as attachments that another may name: rows of their own over the same content. They are sent ahead by the
 * actor, as the making of a ticket wants them; what is not that ticket's is left out.
 */
export const copyFiles = async (
  tx: Tx,
  ctx: VerbContext,
  of: { readonly ticketId: string; readonly kind: TicketKind; readonly fields: Fields },
): Promise<Record<string, unknown>> => {
  const fields: Record<string, unknown> = { ...of.fields };
  for (const { key, type } of of.kind.fields) {
    if (type !== 'files' || !Object.hasOwn(fields, key)) continue;
    const ids = new Map(idsIn(fields[key]).map((id) => [id, uuidv7()]));
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO ticket_files (tenant_id, id, ticket_id, field, name, media_type, size_bytes, sha256, made_at, made_by, made_by_name,
         taken_at, lon, lat)
       SELECT f.tenant_id, x.copy, NULL, NULL, f.name, f.media_type, f.size_bytes, f.sha256, f.made_at, $5, f.made_by_name, f.taken_at,
         f.lon, f.lat
       FROM unnest($3::uuid[], $4::uuid[]) WITH ORDINALITY AS x(id, copy, place)
         JOIN ticket_files f ON f.tenant_id = $1 AND f.ticket_id = $2 AND f.id = x.id
       ORDER BY x.place RETURNING id`,
      [ctx.actor.tenantId, of.ticketId, [...ids.keys()], [...ids.values()], doerOf(ctx.actor)],
    );
    if (rows.length === 0) delete fields[key];
    else fields[key] = rows.map(({ id }) => id);
  }
  return fields;
};

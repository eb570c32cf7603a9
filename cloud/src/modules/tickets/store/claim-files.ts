import { HubError, uuidPattern } from '@hallhub/shared';
import type { TicketField, TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { type FileReach, isInReachSql } from '../view/file-view.js';
import { doerOf } from './ticket-world.js';

export const mostFilesOfTicket = 200;

/** What a field's value names, by the field's type; anything else is no file. */
const namedBy = (type: TicketField['type'], value: unknown): readonly unknown[] => {
  if (type === 'files') return Array.isArray(value) ? value : [];
  const { file } = (type === 'signature' && value ? value : {}) as { readonly file?: unknown };
  return file === undefined ? [] : [file];
};

const idsOf = (kind: TicketKind, fields: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> =>
  new Map(
    kind.fields.flatMap(({ key, type }) =>
      namedBy(type, fields[key]).flatMap((id) => (typeof id === 'string' ? [[id, key] as const] : [])),
    ),
  );

interface Claim {
  readonly ticketId: string;
  readonly kind: TicketKind;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whose files the actor may have. */
  readonly reach: FileReach;
}

/**
 * Files that fields name become the ticket's: what was sent ahead by the same person, or is its own already and no secret to whoever
 * names it. Throws `invalid_input` where one is neither. The ticket's row must be there.
 */
export const claimFiles = async (tx: Tx, ctx: VerbContext, of: Claim): Promise<void> => {
  const ids = idsOf(of.kind, of.fields);
  if (ids.size === 0) return;
  if (![...ids.keys()].every((id) => uuidPattern.test(id))) throw unknownFile();
  const { rowCount } = await tx.$client.query(
    `UPDATE ticket_files f SET ticket_id = $2, field = x.field FROM unnest($3::uuid[], $4::text[]) AS x(id, field)
     WHERE f.tenant_id = $1 AND f.id = x.id AND (
       (f.ticket_id = $2 AND (f.field = x.field OR ${isInReachSql('$6', '$7')})) OR (f.ticket_id IS NULL AND f.made_by = $5))`,
    [
      ...[ctx.actor.tenantId, of.ticketId, [...ids.keys()], [...ids.values()], doerOf(ctx.actor)],
      ...[of.reach.open, of.reach.closed],
    ],
  );
  if (rowCount !== ids.size) throw unknownFile();
  const { rows } = await tx.$client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM ticket_files WHERE tenant_id = $1 AND ticket_id = $2',
    [ctx.actor.tenantId, of.ticketId],
  );
  // Every change of a field may name others: together they stay what one upload after the other may bring.
  if ((rows[0]?.count ?? 0) > mostFilesOfTicket) {
    throw new HubError('conflict', `There are ${mostFilesOfTicket} files at most`, {
      context: { reason: 'too_many', most: mostFilesOfTicket },
    });
  }
};

const unknownFile = (): HubError => {
  const message = 'A file that a field names is not there, or is another ticket’s';
  return new HubError('invalid_input', message, { context: { errors: [{ path: 'body.fields', message }] } });
};
